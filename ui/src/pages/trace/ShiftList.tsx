import type { HostShift } from "../../api/types";
import { TelemetryText } from "../../components/TelemetryText";
import { formatCounted } from "../../lib/formatCount";
import { formatDuration } from "../../lib/formatDuration";
import styles from "./Disclosure.module.css";

/** By how much hosts were moved whose clocks are off, each with its error bar. Nothing when all clocks agree. */
export function ShiftList({ shifts }: { shifts: readonly HostShift[] }) {
  if (shifts.length === 0) return null;
  return (
    <details className={styles.disclosure} data-testid="shifts">
      <summary>{formatCounted(shifts.length, "host was", "hosts were")} moved, as their clocks are off</summary>
      <ul className={styles.list}>
        {shifts.map((shift) => (
          <li key={shift.host} data-testid="shift">
            <strong>
              <TelemetryText text={shift.host} />
            </strong>{" "}
            is {shift.shift_ns < 0 ? "ahead of" : "behind"} <TelemetryText text={shift.reference} />: all of it is shown{" "}
            {formatDuration(Math.abs(shift.shift_ns))} {errorInWords(shift)} {shift.shift_ns < 0 ? "earlier" : "later"}{" "}
            <span className={styles.dim}>
              by {formatCounted(shift.pairs, "call")} of {shift.source === "many_traces" ? "many traces" : "this trace alone"}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function errorInWords({ error_ns: error }: HostShift): string {
  return error === undefined ? "or more" : `± ${formatDuration(error)}`;
}
