import { Link } from "@tanstack/react-router";

import type { LogRecord } from "../api/types";
import { attributeBlock } from "../lib/formatAttribute";
import { formatTime } from "../lib/formatTime";
import { AttributeTable } from "./AttributeTable";
import type { FilterTarget } from "./FilterLink";
import styles from "./LogDetails.module.css";
import { ServiceName } from "./ServiceName";
import { TelemetryText } from "./TelemetryText";
import { Time } from "./Time";

interface LogDetailsProps {
  record: LogRecord;
  target: FilterTarget;
  /** Whether to offer the way to the record's trace; not needed on that trace's own page. */
  traceLink: "offered" | "omitted";
}

/** One log record with everything its sender said. */
export function LogDetails({ record, target, traceLink }: LogDetailsProps) {
  return (
    <div data-testid="log-details">
      <div className={styles.facts}>
        <Time at={record.time} precision="nanosecond" />
        {record.shown_time !== undefined && (
          <span>
            shown at <Time at={record.shown_time} precision="nanosecond" />, as the clock of its host is off
          </span>
        )}
        <ServiceName service={record.service} />
        {record.event_name !== undefined && (
          <span>
            event <TelemetryText text={record.event_name} />
          </span>
        )}
        {traceLink === "offered" && record.trace_id !== undefined && (
          <Link to="/trace/$traceId" params={{ traceId: record.trace_id }} search={{ open: record.span_id ?? "" }} data-testid="log-trace-link">
            Open trace {record.trace_id}
          </Link>
        )}
      </div>
      <pre className={styles.body}>
        <TelemetryText text={attributeBlock(record.body)} form="block" />
      </pre>
      <AttributeTable title="Attributes" attributes={record.attributes} filter={{ of: "record", target }} dropped={record.dropped_attributes_count} />
      <AttributeTable title="Resource" attributes={record.resource} filter={{ of: "resource", target }} />
      <AttributeTable title="Record" attributes={recordFields(record)} />
    </div>
  );
}

function recordFields(record: LogRecord): Record<string, string> {
  const { scope, observed_time: observed, severity_text: severityText, trace_id: traceId, span_id: spanId } = record;
  return {
    severity: severityText === undefined ? `number ${record.severity_number}` : `${severityText} (number ${record.severity_number})`,
    ...(observed !== undefined && { observed: formatTime(observed, "nanosecond") }),
    ...(scope.name !== "" && { scope: scope.version === "" ? scope.name : `${scope.name} ${scope.version}` }),
    ...(traceId !== undefined && { "trace id": traceId }),
    ...(spanId !== undefined && { "span id": spanId }),
  };
}
