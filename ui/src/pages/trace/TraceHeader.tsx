import { Button, SegmentedControl } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { TraceAnswer, TraceService } from "../../api/types";
import { ServiceName } from "../../components/ServiceName";
import { TelemetryText } from "../../components/TelemetryText";
import { Time } from "../../components/Time";
import { formatCount, formatCounted } from "../../lib/formatCount";
import { formatDuration } from "../../lib/formatDuration";
import type { TraceLayout } from "../../model/trace";
import { type TraceState, readTrace } from "../../urlState";
import { isPhantom } from "./marks";
import styles from "./TraceHeader.module.css";
import type { WaterfallState } from "./useWaterfall";

interface TraceHeaderProps {
  answer: TraceAnswer;
  layout: TraceLayout;
  state: TraceState;
  waterfall: WaterfallState;
}

/** What the trace is, how long it took, who took part, and how to look at it. */
export function TraceHeader({ answer, layout, state, waterfall }: TraceHeaderProps) {
  const errors = answer.services.reduce((sum, service) => sum + service.error_count, 0);
  const arrived = answer.spans.filter((span) => !isPhantom(span)).length;
  return (
    <div className={styles.header}>
      <h1 className={styles.title}>
        <TraceTitle layout={layout} />
      </h1>
      <p className={styles.facts} data-testid="trace-facts">
        <span>
          Trace <code data-testid="trace-id">{answer.trace_id}</code>
        </span>
        <span>
          started <Time at={answer.start_time} />
        </span>
        <span>
          took <strong>{formatDuration(answer.duration_ns)}</strong>
        </span>
        <span>{formatCounted(arrived, "span")}</span>
        <span>{formatCounted(answer.logs.length, "log record")}</span>
        {errors > 0 && <span className={styles.bad}>{formatCounted(errors, "error")}</span>}
        {answer.critical_path !== undefined && <span>critical path through {formatCounted(answer.critical_path.spans.length, "span")}</span>}
      </p>
      <ServiceList services={answer.services} />
      <Controls state={state} waterfall={waterfall} placedLogs={layout.placedLogs} hasPath={answer.critical_path !== undefined} />
    </div>
  );
}

function TraceTitle({ layout }: { layout: TraceLayout }) {
  const root = layout.spans.find(({ span }) => span.marks?.includes("root") ?? false) ?? layout.spans[0];
  if (root === undefined) return <em>No span has arrived</em>;
  return (
    <>
      <ServiceName service={root.span.service} /> <TelemetryText text={root.span.name} />
    </>
  );
}

/** Services shown before the reader asks for the rest. */
const SERVICES_SHOWN = 8;

function ServiceList({ services }: { services: readonly TraceService[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? services : services.slice(0, SERVICES_SHOWN);
  return (
    <ul className={styles.services} tabIndex={all ? 0 : undefined} aria-label="Services in this trace" data-testid="trace-services">
      {shown.map(({ service, squad, span_count: spans, error_count: errors, log_count: logs }) => (
        <li key={service} data-testid="trace-service" data-service={service}>
          <ServiceName service={service} />
          {squad !== undefined && (
            <span className={styles.squad}>
              squad <TelemetryText text={squad} />
            </span>
          )}
          <span className={styles.dim}>
            {formatCounted(spans, "span")}
            {logs !== undefined && logs > 0 && `, ${formatCounted(logs, "log")}`}
          </span>
          {errors > 0 && <span className={styles.bad}>{formatCounted(errors, "error")}</span>}
        </li>
      ))}
      {services.length > shown.length && (
        <li>
          <button type="button" className={styles.more} onClick={() => setAll(true)}>
            {formatCount(services.length - shown.length)} more services
          </button>
        </li>
      )}
    </ul>
  );
}

interface ControlsProps {
  state: TraceState;
  waterfall: WaterfallState;
  placedLogs: number;
  hasPath: boolean;
}

function Controls({ state, waterfall, placedLogs, hasPath }: ControlsProps) {
  const navigate = useNavigate({ from: "/trace/$traceId" });
  const change = (raw: Partial<Record<keyof TraceState, string>>) => void navigate({ search: (search) => readTrace({ ...search, ...raw }), replace: true });
  return (
    <div className={styles.controls}>
      <SegmentedControl
        size="xs"
        aria-label="Which spans"
        value={state.view}
        onChange={(view) => change({ view, open: "" })}
        data={[
          { value: "repaired", label: "Repaired" },
          { value: "raw", label: "As it arrived" },
        ]}
      />
      <Button
        size="xs"
        variant="default"
        aria-pressed={state.logs === "shown"}
        onClick={() => change({ logs: state.logs === "shown" ? "hidden" : "shown" })}
        data-testid="toggle-logs"
      >
        {state.logs === "shown" ? "Hide log lines" : `Show ${formatCounted(placedLogs, "log line")}`}
      </Button>
      {hasPath && (
        <Button
          size="xs"
          variant="default"
          aria-pressed={state.path === "shown"}
          onClick={() => change({ path: state.path === "shown" ? "hidden" : "shown" })}
          data-testid="toggle-path"
        >
          {state.path === "shown" ? "Hide critical path" : "Show critical path"}
        </Button>
      )}
      <Button size="xs" variant="default" onClick={waterfall.collapseAll}>
        Collapse all
      </Button>
      <Button size="xs" variant="default" onClick={waterfall.expandAll}>
        Expand all
      </Button>
    </div>
  );
}
