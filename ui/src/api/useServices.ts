import { keepPreviousData, useQuery } from "@tanstack/react-query";

import type { ListState } from "../urlState";
import { getJson } from "./http";
import type { ServicesAnswer } from "./types";

/** The services heard from in a range. */
export function useServices({ selector, from, to }: ListState) {
  const params = { selector, from, to };
  return useQuery({
    queryKey: ["services", params],
    queryFn: ({ signal }) => getJson<ServicesAnswer>("/services", params, signal),
    placeholderData: keepPreviousData,
  });
}
