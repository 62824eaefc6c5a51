import { useQuery } from "@tanstack/react-query";

import { getJson } from "./http";
import type { JourneyAnswer } from "./types";

/** All traces that belong to one piece of work with this one; found without a time range. */
export function useJourney(traceId: string) {
  return useQuery({
    queryKey: ["journey", traceId],
    queryFn: ({ signal }) => getJson<JourneyAnswer>(`/journeys/${encodeURIComponent(traceId)}`, {}, signal),
  });
}
