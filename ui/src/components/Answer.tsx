import type { ReactNode } from "react";

import styles from "./Page.module.css";

/** What the server said. While a newer question is still open the old answer stays, but is seen to be old. */
export function Answer({ stale, children }: { stale: boolean; children: ReactNode }) {
  return (
    <div className={styles.answer} data-stale={stale} aria-busy={stale}>
      {children}
    </div>
  );
}
