// RFC 3339 with all nine digits. `Date` keeps three, so it is only ever given whole milliseconds.

import { type Instant, instant } from "./units";

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Reads an RFC 3339 time to the nanosecond; digits beyond the ninth are cut. Undefined when it is not one. */
export function parseInstant(text: string): Instant | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [, date, clock, fraction = "", zone] = match;
  const wholeMillis = Date.parse(`${date}T${clock}${zone?.toUpperCase()}`);
  if (Number.isNaN(wholeMillis)) return undefined;
  return instant(BigInt(wholeMillis) * 1_000_000n + BigInt(fraction.padEnd(9, "0")));
}

/** Writes an instant as RFC 3339 in UTC, with as many digits as it has (0, 3, 6 or 9). */
export function printInstant(at: Instant): string {
  const { millis, subsecondNanos } = splitInstant(at);
  const second = new Date(millis).toISOString().slice(0, 19);
  return `${second}${fractionText(subsecondNanos)}Z`;
}

/** The instant as `Date` milliseconds (rounded down) and the nanoseconds within its second. */
export function splitInstant(at: Instant): { millis: number; subsecondNanos: number } {
  const subsecond = ((at % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const millis = (at - subsecond) / 1_000_000n + subsecond / 1_000_000n;
  return { millis: Number(millis), subsecondNanos: Number(subsecond) };
}

function fractionText(subsecondNanos: number): string {
  if (subsecondNanos === 0) return "";
  const digits = String(subsecondNanos).padStart(9, "0");
  if (digits.endsWith("000000")) return `.${digits.slice(0, 3)}`;
  if (digits.endsWith("000")) return `.${digits.slice(0, 6)}`;
  return `.${digits}`;
}
