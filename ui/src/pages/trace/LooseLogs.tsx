import { ServiceName } from "../../components/ServiceName";
import { SeverityWord } from "../../components/SeverityWord";
import { TelemetryText } from "../../components/TelemetryText";
import { Time } from "../../components/Time";
import { attributeText } from "../../lib/formatAttribute";
import { formatCount, formatCounted } from "../../lib/formatCount";
import type { LogNode } from "../../model/trace";
import styles from "./Disclosure.module.css";

/** Records drawn; the log search shows the rest. */
const LOGS_SHOWN = 200;

/** Records that name the trace but no span that has arrived. */
export function LooseLogs({ logs }: { logs: readonly LogNode[] }) {
  if (logs.length === 0) return null;
  return (
    <details className={styles.disclosure} data-testid="loose-logs">
      <summary>{formatCounted(logs.length, "log record")} of this trace without a span</summary>
      <ul className={styles.list}>
        {logs.slice(0, LOGS_SHOWN).map(({ key, record }) => (
          <li key={key} className={styles.logLine} data-testid="trace-log-loose">
            <span className={styles.dim}>
              <Time at={record.time} />
            </span>
            <SeverityWord severity={record.severity} severityNumber={record.severity_number} />
            <ServiceName service={record.service} />
            <TelemetryText text={attributeText(record.body)} form="block" />
          </li>
        ))}
        {logs.length > LOGS_SHOWN && <li>and {formatCount(logs.length - LOGS_SHOWN)} more</li>}
      </ul>
    </details>
  );
}
