import { Button } from "@mantine/core";

import { ApiError } from "../api/http";
import styles from "./Panels.module.css";
import { TelemetryText } from "./TelemetryText";

/** What went wrong, in the server's words, and what to do about it. */
export function ErrorPanel({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const hint = error instanceof ApiError ? error.hint : "";
  const code = error instanceof ApiError ? error.code : "page_error";
  return (
    <div className={styles.error} role="alert" data-testid="error-panel">
      <strong>
        <TelemetryText text={error.message} />
      </strong>
      {hint !== "" && (
        <p>
          <TelemetryText text={hint} />
        </p>
      )}
      <p className={styles.dim}>
        <code>{code}</code>
      </p>
      <Button size="xs" variant="default" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
