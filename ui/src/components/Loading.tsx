import { Loader } from "@mantine/core";

import styles from "./Panels.module.css";

/** The first answer is on its way. */
export function Loading({ what }: { what: string }) {
  return (
    <div className={styles.loading} role="status" data-testid="loading">
      <Loader size="sm" aria-hidden="true" />
      <span>Loading {what}…</span>
    </div>
  );
}

/** A newer answer is on its way, while the last one is still shown. Takes no room. */
export function BusyLine({ busy }: { busy: boolean }) {
  return (
    <div className={styles.busy} role="status">
      {busy && (
        <>
          <span className={styles.busyBar} aria-hidden="true" />
          <span className="visually-hidden">updating</span>
        </>
      )}
    </div>
  );
}
