import { formatCount } from "../../lib/formatCount";
import styles from "./Disclosure.module.css";

/** Spans named within one entry of the ledger. */
const SPANS_NAMED = 6;

/** The spans that an entry of the ledger is about; a click leads to one. */
export function SpanButtons({ ids, onOpen }: { ids: readonly string[]; onOpen: (spanKey: string) => void }) {
  const unnamed = ids.length - SPANS_NAMED;
  return (
    <>
      {ids.slice(0, SPANS_NAMED).map((id) => (
        <button key={id} type="button" className={styles.span} onClick={() => onOpen(id)}>
          {id}
        </button>
      ))}
      {unnamed > 0 && `and ${formatCount(unnamed)} more`}
    </>
  );
}
