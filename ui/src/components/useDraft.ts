import { useState } from "react";

import { type RawSearch, printSearch } from "../urlState";

/**
 * What the reader is typing, before it becomes the address. It starts again from the address whenever that changes,
 * by a link or by going back.
 */
export function useDraft<State extends object>(state: State): [State, (change: Partial<State>) => void] {
  const address = printSearch(state as RawSearch);
  const [draft, setDraft] = useState({ address, state });
  if (draft.address !== address) setDraft({ address, state });
  const current = draft.address === address ? draft.state : state;
  return [current, (change) => setDraft({ address, state: { ...current, ...change } })];
}
