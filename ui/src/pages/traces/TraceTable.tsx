import { Link } from "@tanstack/react-router";

import type { TraceService, TraceSummary } from "../../api/types";
import { ServiceName, serviceColor } from "../../components/ServiceName";
import { TelemetryText } from "../../components/TelemetryText";
import { Time } from "../../components/Time";
import { formatCount, formatCounted } from "../../lib/formatCount";
import { formatDuration } from "../../lib/formatDuration";
import styles from "./TraceTable.module.css";

/** Services named on a line before the rest is only counted. */
const SERVICES_SHOWN = 4;

/** The traces, one line each; the bar compares durations within the list. */
export function TraceTable({ traces }: { traces: readonly TraceSummary[] }) {
  const longest = Math.max(1, ...traces.map((trace) => trace.duration_ns));
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Traces">
      <table className={styles.table} data-testid="trace-table">
        <thead>
          <tr>
            <th scope="col">Trace</th>
            <th scope="col">Started</th>
            <th scope="col" className={styles.wide}>
              Duration
            </th>
            <th scope="col" className={styles.number}>
              Spans
            </th>
            <th scope="col">Errors</th>
            <th scope="col">Services</th>
          </tr>
        </thead>
        <tbody>
          {traces.map((trace) => (
            <TraceRow key={trace.trace_id} trace={trace} longest={longest} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TraceRow({ trace, longest }: { trace: TraceSummary; longest: number }) {
  const share = Math.max(0, Math.min(1, trace.duration_ns / longest));
  return (
    <tr data-testid="trace-row" data-trace-id={trace.trace_id}>
      <th scope="row" className={styles.name}>
        <Link to="/trace/$traceId" params={{ traceId: trace.trace_id }} className={styles.stretched}>
          <RootName trace={trace} />
        </Link>
        <code className={styles.id}>{trace.trace_id.slice(0, 8)}</code>
      </th>
      <td>
        <Time at={trace.start_time} />
      </td>
      <td className={styles.wide}>
        <span className={styles.bar}>
          <span style={{ width: `${share * 100}%`, background: serviceColor(trace.root_service ?? "") }} />
        </span>
        <span className={styles.duration}>{formatDuration(trace.duration_ns)}</span>
      </td>
      <td className={styles.number} title={`${formatCount(trace.matched_spans)} matched the search`}>
        {formatCount(trace.span_count)}
      </td>
      <td>{trace.error_count > 0 && <span className={styles.bad}>{formatCounted(trace.error_count, "error")}</span>}</td>
      <td className={styles.services}>
        <Services services={trace.services} />
      </td>
    </tr>
  );
}

function RootName({ trace: { root_service: service, root_name: name } }: { trace: TraceSummary }) {
  if (service === undefined && name === undefined) return <em>root has not arrived</em>;
  return (
    <>
      <ServiceName service={service ?? ""} />
      <span className={styles.operation}>
        <TelemetryText text={name ?? ""} />
      </span>
    </>
  );
}

function Services({ services }: { services: readonly TraceService[] }) {
  const hidden = services.length - SERVICES_SHOWN;
  return (
    <>
      {services.slice(0, SERVICES_SHOWN).map(({ service, span_count: spans }) => (
        <span key={service} title={formatCounted(spans, "span")}>
          <ServiceName service={service} />
        </span>
      ))}
      {hidden > 0 && <span className={styles.dim}>and {formatCount(hidden)} more</span>}
    </>
  );
}
