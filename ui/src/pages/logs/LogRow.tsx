import type { LogRecord } from "../../api/types";
import { Icon } from "../../components/Icon";
import { LogDetails } from "../../components/LogDetails";
import { ServiceName } from "../../components/ServiceName";
import { SeverityWord } from "../../components/SeverityWord";
import { TelemetryText } from "../../components/TelemetryText";
import { Time } from "../../components/Time";
import { attributeText } from "../../lib/formatAttribute";
import type { Question } from "../../model/filter";
import styles from "./LogList.module.css";

interface LogRowProps {
  record: LogRecord;
  question: Question;
  expanded: boolean;
  onToggle: () => void;
}

/** One record on one line; the whole record when opened. */
export function LogRow({ record, question, expanded, onToggle }: LogRowProps) {
  return (
    <article data-testid="log-row" data-expanded={expanded} className={styles.record}>
      <button type="button" className={styles.line} aria-expanded={expanded} onClick={onToggle}>
        <span className={styles.chevron}>
          <Icon name={expanded ? "down" : "right"} size={12} />
        </span>
        <span className={styles.time}>
          <Time at={record.time} />
        </span>
        <span className={styles.severity}>
          <SeverityWord severity={record.severity} severityNumber={record.severity_number} />
        </span>
        <span className={styles.service}>
          <ServiceName service={record.service} />
        </span>
        <span className={styles.text}>
          <TelemetryText text={lineOf(record)} />
        </span>
      </button>
      {expanded && (
        <div className={styles.details}>
          <h2 className="visually-hidden">Log record</h2>
          <LogDetails record={record} target={{ to: "/logs", question }} traceLink="offered" />
        </div>
      )}
    </article>
  );
}

/** An event may have no body at all: then its name is what it says. */
function lineOf({ body, event_name: eventName }: LogRecord): string {
  const text = body === null ? "" : attributeText(body);
  return text === "" && eventName !== undefined ? eventName : text;
}
