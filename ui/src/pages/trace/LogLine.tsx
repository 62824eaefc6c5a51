import { SeverityWord } from "../../components/SeverityWord";
import { TelemetryText } from "../../components/TelemetryText";
import { attributeText } from "../../lib/formatAttribute";
import { formatDuration } from "../../lib/formatDuration";
import { severityLevel } from "../../lib/severity";
import { type LogNode, type TimeWindow, percentAt } from "../../model/trace";
import { indentOf } from "./indent";
import styles from "./Waterfall.module.css";
import type { RowPlace } from "./Waterfall";

interface LogLineProps {
  node: LogNode;
  place: RowPlace;
  window: TimeWindow;
  onChoose: () => void;
}

/** One log record, in its place among the spans. */
export function LogLine({ node: { record, offset, depth }, place, window, onChoose }: LogLineProps) {
  return (
    <div
      id={place.id}
      className={styles.row}
      style={{ transform: `translateY(${place.top}px)` }}
      role="row"
      aria-rowindex={place.index + 1}
      aria-level={depth + 1}
      aria-selected={place.open}
      data-active={place.active}
      data-testid="trace-log"
      data-span-id={record.span_id}
      data-service={record.service}
      onClick={onChoose}
    >
      <div className={styles.log} role="gridcell" style={{ paddingLeft: indentOf(depth) + 22 }}>
        <span className={styles.logLevel} data-level={severityLevel(record.severity_number)} aria-hidden="true" />
        <SeverityWord severity={record.severity} severityNumber={record.severity_number} />
        <span className={styles.logText}>
          <TelemetryText text={attributeText(record.body)} />
        </span>
        <span className={styles.logOffset}>+{formatDuration(offset)}</span>
      </div>
      <div className={styles.logTime} role="presentation">
        <span className={styles.logAt} style={{ left: `${percentAt(offset, window)}%` }} data-level={severityLevel(record.severity_number)} />
      </div>
    </div>
  );
}
