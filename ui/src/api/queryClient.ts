import { type InfiniteData, QueryClient } from "@tanstack/react-query";

import { ApiError } from "./http";

/** An answer is taken as fresh this long, so that going back and forth does not ask again. */
const FRESH_MS = 15_000;
const RETRIES_MAX = 2;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < RETRIES_MAX && error instanceof ApiError && error.retryable,
      },
    },
  });
}

/** Asks everything on the page again, what `now` means included. A list of many pages starts again at its first. */
export async function refresh(client: QueryClient): Promise<void> {
  client.setQueriesData<InfiniteData<unknown>>({ queryKey: ["logs"] }, (data) =>
    data === undefined ? undefined : { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
  );
  await client.invalidateQueries();
}
