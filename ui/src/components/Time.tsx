import { type TimePrecision, formatTime, formatUtc } from "../lib/formatTime";

/** A time in the reader's zone; the UTC time with all digits in the tooltip. */
export function Time({ at, precision = "millisecond" }: { at: string; precision?: TimePrecision }) {
  const utc = formatUtc(at);
  return (
    <time dateTime={utc} title={utc}>
      {formatTime(at, precision)}
    </time>
  );
}
