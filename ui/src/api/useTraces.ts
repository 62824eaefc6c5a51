import { keepPreviousData, useQuery } from "@tanstack/react-query";

import type { TracesState } from "../urlState";
import { getJson } from "./http";
import type { TracesAnswer } from "./types";

/** The traces that match, newest first. */
export function useTraces(state: TracesState) {
  const params = { ...state };
  return useQuery({
    queryKey: ["traces", params],
    queryFn: ({ signal }) => getJson<TracesAnswer>("/traces", params, signal),
    placeholderData: keepPreviousData,
  });
}
