/** The six words a severity is shown by, and `UNSET`. */
export type SeverityLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "unset";

/** The level of an OpenTelemetry severity number, 0 (unset) to 24. */
export function severityLevel(severityNumber: number): SeverityLevel {
  if (severityNumber >= 21) return "fatal";
  if (severityNumber >= 17) return "error";
  if (severityNumber >= 13) return "warn";
  if (severityNumber >= 9) return "info";
  if (severityNumber >= 5) return "debug";
  if (severityNumber >= 1) return "trace";
  return "unset";
}
