// Durations as people type them and as the server reads them: `250ms`, `1.5s`, `2m`.

const DURATION = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|μs|ms|s|m|h)?$/;

/** A typed duration in the server's spelling; a bare number is milliseconds. Undefined when it is not one. */
export function readDurationInput(input: string): string | undefined {
  const match = DURATION.exec(input.trim());
  if (match === null) return undefined;
  const [, count, unit = "ms"] = match;
  return `${count}${unit === "µs" || unit === "μs" ? "us" : unit}`;
}
