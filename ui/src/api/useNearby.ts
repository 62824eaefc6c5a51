import { useQuery } from "@tanstack/react-query";

import { getJson } from "./http";
import type { NearbyAnswer } from "./types";

/** What lies around a trace. It takes the server more than the trace itself, so it is asked for by whoever opens it. */
export function useNearby(traceId: string) {
  return useQuery({
    queryKey: ["nearby", traceId],
    queryFn: ({ signal }) => getJson<NearbyAnswer>(`/traces/${encodeURIComponent(traceId)}/nearby`, {}, signal),
  });
}
