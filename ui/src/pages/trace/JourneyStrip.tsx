import { Link } from "@tanstack/react-router";

import type { JourneyAnswer, JourneyTrace } from "../../api/types";
import { useJourney } from "../../api/useJourney";
import { ServiceName } from "../../components/ServiceName";
import { TelemetryText } from "../../components/TelemetryText";
import { formatCounted } from "../../lib/formatCount";
import { formatDuration } from "../../lib/formatDuration";
import { type Wait, isJourney, journeySteps } from "../../model/journey";
import styles from "./JourneyStrip.module.css";

/** Named where there is room for a few; the answer of the API has them all. */
const BEYOND_SHOWN = 3;

/** The traces before and after this one and how long the work waited in between; nothing where there are none. */
export function JourneyStrip({ traceId }: { traceId: string }) {
  const { data, error } = useJourney(traceId);
  if (error !== null) return <p className={styles.note}>What came before and after this trace could not be found: {error.message}</p>;
  if (data === undefined || !isJourney(data)) return null;
  return (
    <nav className={styles.strip} aria-label="Journey" data-testid="journey">
      <ol className={styles.steps}>
        {journeySteps(data).map(({ trace, waits }) => (
          <li key={trace.trace_id} className={styles.step}>
            {waits.map((wait) => (
              <WaitView key={`${wait.kind} ${wait.queue} ${wait.evidence[0] ?? ""}`} wait={wait} />
            ))}
            <TraceStep trace={trace} isHere={trace.trace_id === traceId} />
          </li>
        ))}
      </ol>
      <Beyond journey={data} />
    </nav>
  );
}

function TraceStep({ trace, isHere }: { trace: JourneyTrace; isHere: boolean }) {
  const { trace_id: traceId, root_service: service, root_name: name, duration_ns: took, error_count: errors, repair_count: repairs } = trace;
  return (
    <Link to="/trace/$traceId" params={{ traceId }} className={styles.trace} aria-current={isHere ? "page" : undefined} data-testid="journey-trace">
      {service === undefined ? <em>no root has arrived</em> : <ServiceName service={service} />}
      {name !== undefined && (
        <span className={styles.name}>
          <TelemetryText text={name} />
        </span>
      )}
      <span className={styles.dim}>
        {formatDuration(took)}, {formatCounted(trace.span_count, "span")}
        {repairs > 0 && `, ${formatCounted(repairs, "repair")}`}
      </span>
      {errors > 0 && <span className={styles.bad}>{formatCounted(errors, "error")}</span>}
    </Link>
  );
}

function WaitView({ wait }: { wait: Wait }) {
  const { queue, isQueue, kind, hops, least, most, confidence, evidence } = wait;
  return (
    <span className={styles.wait} title={evidence.join("\n")} data-testid="journey-wait">
      <span aria-hidden="true">→ </span>
      {isQueue ? <>queue {queue !== "" && <TelemetryText text={queue} />}</> : "link"}
      {hops > 1 && ` ×${hops}`}
      {least !== undefined && most !== undefined && (
        <span className={least < 0 ? styles.bad : undefined}>
          {" "}
          waits {least === most ? formatDuration(most) : `${formatDuration(least)} to ${formatDuration(most)}`}
        </span>
      )}
      {kind === "message" && ` (${Math.round(confidence * 100)}% sure)`}
      <span aria-hidden="true"> →</span>
    </span>
  );
}

function Beyond({ journey: { missing = [], not_followed: notFollowed = [] } }: { journey: JourneyAnswer }) {
  return (
    <>
      {missing.length > 0 && (
        <p className={styles.note}>
          {formatCounted(missing.length, "linked trace")} not stored: {shortIds(missing.map((trace) => trace.trace_id))}
        </p>
      )}
      {notFollowed.length > 0 && (
        <p className={styles.note}>
          It goes on in {formatCounted(notFollowed.length, "trace")} beyond:{" "}
          {notFollowed.slice(0, BEYOND_SHOWN).map(({ trace_id: traceId }) => (
            <Link key={traceId} to="/trace/$traceId" params={{ traceId }} className={styles.beyond}>
              {traceId.slice(0, 8)}
            </Link>
          ))}
        </p>
      )}
    </>
  );
}

function shortIds(ids: readonly string[]): string {
  const shown = ids.slice(0, BEYOND_SHOWN).map((id) => id.slice(0, 8));
  return ids.length > shown.length ? `${shown.join(", ")}, …` : shown.join(", ");
}
