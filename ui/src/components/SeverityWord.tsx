import { severityLevel } from "../lib/severity";
import styles from "./SeverityWord.module.css";
import { TelemetryText } from "./TelemetryText";

/** The severity by word and by colour. */
export function SeverityWord({ severity, severityNumber }: { severity: string; severityNumber: number }) {
  const level = severityNumber === 0 ? wordLevel(severity) : severityLevel(severityNumber);
  return (
    <span className={styles.word} data-level={level}>
      <TelemetryText text={severity} />
    </span>
  );
}

/** A record without a number may still have the level from its sender's text. */
function wordLevel(severity: string): string {
  return severity.toLowerCase();
}
