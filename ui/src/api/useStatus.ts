import { useQuery } from "@tanstack/react-query";

import { getJson } from "./http";
import type { StatusAnswer } from "./types";

const STATUS_INTERVAL_MS = 10_000;

/** How the server is doing, asked again every ten seconds while the page is looked at. */
export function useStatus() {
  return useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => getJson<StatusAnswer>("/status", {}, signal),
    refetchInterval: STATUS_INTERVAL_MS,
    retry: false,
  });
}
