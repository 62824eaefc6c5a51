import { useState } from "react";

import type { Exemplar, NearbyMetric, NearbyPod } from "../../api/types";
import { useNearby } from "../../api/useNearby";
import { CoverageLine } from "../../components/CoverageLine";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Loading } from "../../components/Loading";
import { ServiceName } from "../../components/ServiceName";
import { SeverityWord } from "../../components/SeverityWord";
import { TelemetryText } from "../../components/TelemetryText";
import { Time } from "../../components/Time";
import { attributeText } from "../../lib/formatAttribute";
import { formatCounted } from "../../lib/formatCount";
import styles from "./Disclosure.module.css";

/** What lies around a trace and is not part of it. Asked for when it is opened, never before. */
export function Nearby({ traceId }: { traceId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className={styles.aside} data-testid="nearby" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Around this trace, and not part of it: log lines without its id, metrics, exemplars</summary>
      {open && <Found traceId={traceId} />}
    </details>
  );
}

function Found({ traceId }: { traceId: string }) {
  const { data, error, isPending, refetch } = useNearby(traceId);
  if (isPending) return <Loading what="what lies around the trace" />;
  if (error !== null) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  return (
    <div className={styles.list} data-testid="nearby-found">
      {data.pods.length === 0 && <p>No span of this trace has arrived, so where it ran is not known.</p>}
      {data.pods.map((pod, index) => (
        <Pod key={index} pod={pod} />
      ))}
      <Exemplars exemplars={data.exemplars} />
      <CoverageLine coverage={data.coverage} what="rows" />
    </div>
  );
}

function Pod({ pod }: { pod: NearbyPod }) {
  return (
    <section data-testid="nearby-pod" data-service={pod.service}>
      <h3 className={styles.pod}>
        <ServiceName service={pod.service} />{" "}
        {pod.pod !== undefined && (
          <>
            pod <TelemetryText text={pod.pod} />{" "}
          </>
        )}
        <span className={styles.dim}>
          from <Time at={pod.from} /> to <Time at={pod.to} /> by its own clock
        </span>
      </h3>
      <p>
        {formatCounted(pod.logs.length, "log record")} of about that time without a trace id{pod.logs_cut && ", and there are more"}
      </p>
      <ul className={styles.list}>
        {pod.logs.map((record, index) => (
          <li key={index} className={styles.logLine} data-testid="nearby-log">
            <span className={styles.dim}>
              <Time at={record.time} />
            </span>
            <SeverityWord severity={record.severity} severityNumber={record.severity_number} />
            <TelemetryText text={attributeText(record.body)} form="block" />
          </li>
        ))}
      </ul>
      <p>
        {formatCounted(pod.metrics.length, "metric")} with points of about that time{pod.metrics_cut && ", and there are more"}
      </p>
      {pod.metrics.length > 0 && <Metrics metrics={pod.metrics} />}
    </section>
  );
}

function Metrics({ metrics }: { metrics: readonly NearbyMetric[] }) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col">Unit</th>
          <th scope="col">Kind</th>
          <th scope="col">Series</th>
          <th scope="col">Points</th>
          <th scope="col">Min</th>
          <th scope="col">Max</th>
          <th scope="col">Last</th>
        </tr>
      </thead>
      <tbody>
        {metrics.map((metric) => (
          <tr key={metric.name} data-testid="nearby-metric">
            <th scope="row">
              <TelemetryText text={metric.name} />
            </th>
            <td>
              <TelemetryText text={metric.unit} />
            </td>
            <td>{metric.kind.replaceAll("_", " ")}</td>
            <td>{metric.series}</td>
            <td>{metric.points}</td>
            <td>{metric.min}</td>
            <td>{metric.max}</td>
            <td>{metric.last}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Exemplars drawn; `nunchi trace --nearby` has them all. */
const EXEMPLARS_SHOWN = 200;

function Exemplars({ exemplars }: { exemplars: readonly Exemplar[] }) {
  if (exemplars.length === 0) return <p>No exemplar of a metric names this trace.</p>;
  return (
    <section>
      <h3 className={styles.pod}>{formatCounted(exemplars.length, "exemplar names", "exemplars name")} this trace</h3>
      <ul className={styles.list}>
        {exemplars.slice(0, EXEMPLARS_SHOWN).map((exemplar, index) => (
          <li key={index} className={styles.logLine} data-testid="nearby-exemplar">
            <span className={styles.dim}>
              <Time at={exemplar.time} />
            </span>
            <ServiceName service={exemplar.service} />
            <TelemetryText text={exemplar.metric} />
            <span>
              {exemplar.value} <TelemetryText text={exemplar.unit} />
            </span>
            {exemplar.span_id !== undefined && <code>{exemplar.span_id}</code>}
          </li>
        ))}
      </ul>
      {exemplars.length > EXEMPLARS_SHOWN && <p>and {formatCounted(exemplars.length - EXEMPLARS_SHOWN, "more", "more")}</p>}
    </section>
  );
}
