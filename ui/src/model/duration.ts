// Durations as people type them and as the server reads them: `250ms`, `1.5s`, `1h30m`.

const DURATION = /^(?:\d+(?:\.\d+)?\s*(?:ns|us|µs|μs|ms|s|m|h|d|w)\s*)+$/;
const BARE_NUMBER = /^\d+(?:\.\d+)?$/;

/** A typed duration in the server's spelling; a bare number is milliseconds. Undefined when it is not one. */
export function readDurationInput(input: string): string | undefined {
  const text = input.trim();
  if (BARE_NUMBER.test(text)) return `${text}ms`;
  return DURATION.test(text) ? text.replaceAll(/\s/g, "") : undefined;
}
