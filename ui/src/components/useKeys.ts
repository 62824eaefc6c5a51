import { useEffect, useEffectEvent } from "react";

/** What a key does. Returning false leaves the key to the browser. */
export type KeyAction = (event: KeyboardEvent) => boolean | undefined;

/** Keys as `KeyboardEvent.key` names them: `j`, `ArrowDown`, `?`. */
export type KeyMap = Readonly<Record<string, KeyAction>>;

/** Runs `keys` while the component is on the page; never while the reader types, or a dialog or a picker is open. */
export function useKeys(keys: KeyMap): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    if (document.querySelector("[role=dialog], dialog[open]") !== null) return;
    const action = keys[event.key];
    if (action !== undefined && action(event) !== false) event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** True when Enter or Space on the focused element already means something. */
export function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, summary, select, input") !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}
