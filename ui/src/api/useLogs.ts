import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import type { LogsState } from "../urlState";
import { getJson } from "./http";
import type { LogsAnswer } from "./types";

/** Records in one page of the list: a few screens full, so that scrolling rarely waits. */
const LOGS_PER_PAGE = 200;

/** Log records, newest first, page by page. */
export function useLogs({ selector, q, from, to }: LogsState) {
  const params = { selector, q, from, to, order: "desc", limit: LOGS_PER_PAGE };
  return useInfiniteQuery({
    queryKey: ["logs", params],
    queryFn: ({ pageParam, signal }) => getJson<LogsAnswer>("/logs", { ...params, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
  });
}
