import { keepPreviousData, useQuery } from "@tanstack/react-query";

import type { TraceState } from "../urlState";
import { getJson } from "./http";
import type { TraceAnswer } from "./types";

/** One trace with its log records; found without a time range. */
export function useTrace(traceId: string, view: TraceState["view"]) {
  return useQuery({
    queryKey: ["trace", traceId, view],
    queryFn: ({ signal }) => getJson<TraceAnswer>(`/traces/${encodeURIComponent(traceId)}`, { view }, signal),
    // Switching between raw and repaired keeps the picture until the other one is there; another trace does not.
    placeholderData: (previous, query) => (query?.queryKey[1] === traceId ? keepPreviousData(previous) : undefined),
  });
}
