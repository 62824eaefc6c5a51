import { useState } from "react";

import { formatCount } from "../lib/formatCount";
import { type TextForm, showControlCharacters } from "../lib/controlCharacters";
import styles from "./TelemetryText.module.css";

/** Characters drawn before the reader asks for the rest; the server cuts at 256 KiB. */
const LINE_CHARACTERS_MAX = 600;
const BLOCK_CHARACTERS_MAX = 4_000;

/**
 * Text that somebody's program sent. It is only ever a text node, its control characters are drawn, and `<bdi>` keeps
 * right-to-left text from reordering what stands beside it.
 */
export function TelemetryText({ text, form = "line" }: { text: string; form?: TextForm }) {
  const [whole, setWhole] = useState(false);
  const limit = form === "line" ? LINE_CHARACTERS_MAX : BLOCK_CHARACTERS_MAX;
  const cut = !whole && text.length > limit;
  const shown = showControlCharacters(cut ? text.slice(0, limit) : text, form);
  if (form === "line") return <bdi>{cut ? `${shown}…` : shown}</bdi>;
  return (
    <span className={styles.block}>
      <bdi>{cut ? `${shown}…` : shown}</bdi>
      {cut && (
        <button type="button" className={styles.more} onClick={() => setWhole(true)}>
          show all {formatCount(text.length)} characters
        </button>
      )}
    </span>
  );
}
