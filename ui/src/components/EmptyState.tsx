import type { ReactNode } from "react";

import styles from "./Panels.module.css";

/** Nothing matched: says so, and what to try. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty} data-testid="empty-state">
      <strong>{title}</strong>
      {children}
    </div>
  );
}
