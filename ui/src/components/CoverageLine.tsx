import type { Coverage } from "../api/types";
import { formatCount, formatCounted } from "../lib/formatCount";
import styles from "./Panels.module.css";
import { TelemetryText } from "./TelemetryText";
import { Time } from "./Time";

/** How much of the truth an answer rests on. A partial answer says so before anything else. */
export function CoverageLine({ coverage, what }: { coverage: Coverage; what: string }) {
  const notes = coverage.notes ?? [];
  const partial = !coverage.complete || coverage.truncated || coverage.blocks_failed > 0;
  return (
    <div className={styles.coverage} data-testid="coverage" data-partial={partial}>
      {partial && (
        <div className={styles.partial} role="status">
          <strong>{coverage.truncated ? "Cut off: there is more." : "Partial answer."}</strong>{" "}
          {notes.map((note, index) => (
            <span key={index}>
              <TelemetryText text={note} />.{" "}
            </span>
          ))}
          {coverage.blocks_failed > 0 && <span>{formatCounted(coverage.blocks_failed, "block")} could not be read.</span>}
        </div>
      )}
      <span>
        {formatCount(coverage.rows_returned)} {what} · {formatCounted(coverage.rows_live, "row")} in memory · {formatCount(coverage.blocks_read)} of{" "}
        {formatCounted(coverage.blocks_total, "block")} read
        {coverage.records_rejected > 0 && ` · ${formatCounted(coverage.records_rejected, "record")} refused since start`}
        {coverage.newest_record !== undefined && (
          <>
            {" · newest record "}
            <Time at={coverage.newest_record} precision="second" />
          </>
        )}
      </span>
    </div>
  );
}
