import { parseInstant, printInstant, splitInstant } from "../model/time";

/** Digits after the second. */
export type TimePrecision = "second" | "millisecond" | "nanosecond";

const FRACTION_DIGITS: Record<TimePrecision, number> = { second: 0, millisecond: 3, nanosecond: 9 };

/** `2026-11-23 19:00:00.123` in the reader's zone. Text that is no time comes back as it is. */
export function formatTime(rfc3339: string, precision: TimePrecision): string {
  const at = parseInstant(rfc3339);
  if (at === undefined) return rfc3339;
  const { millis, subsecondNanos } = splitInstant(at);
  const local = new Date(millis);
  const date = `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`;
  const clock = `${two(local.getHours())}:${two(local.getMinutes())}:${two(local.getSeconds())}`;
  const digits = FRACTION_DIGITS[precision];
  const fraction = digits === 0 ? "" : `.${String(subsecondNanos).padStart(9, "0").slice(0, digits)}`;
  return `${date} ${clock}${fraction}`;
}

/** The same instant in UTC with all its digits, for a tooltip or a link. */
export function formatUtc(rfc3339: string): string {
  const at = parseInstant(rfc3339);
  return at === undefined ? rfc3339 : printInstant(at);
}

/** How long before `now` it was: `3 s ago`. */
export function formatAge(rfc3339: string, nowMillis: number): string {
  const at = parseInstant(rfc3339);
  if (at === undefined) return rfc3339;
  const seconds = Math.round((nowMillis - splitInstant(at).millis) / 1000);
  if (seconds < -5) return `in ${age(-seconds)}`;
  if (seconds < 1) return "just now";
  return `${age(seconds)} ago`;
}

function age(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
