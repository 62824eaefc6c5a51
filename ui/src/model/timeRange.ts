// The time range that every page shares. It stays text, as it stands in the URL and as the server reads it,
// so that a shared link to "the last hour" still means the last hour.

import { readDurationInput } from "./duration";
import { parseInstant, printInstant } from "./time";
import { instant } from "./units";

export interface TimeRange {
  /** Inclusive. RFC 3339, unix seconds, or `now-1h`. */
  from: string;
  /** Exclusive, same forms; empty means now. */
  to: string;
}

export const DEFAULT_RANGE: TimeRange = { from: "now-1h", to: "" };

/** The ranges one click away. */
export const RELATIVE_RANGES: readonly { from: string; label: string }[] = [
  { from: "now-5m", label: "Last 5 minutes" },
  { from: "now-15m", label: "Last 15 minutes" },
  { from: "now-1h", label: "Last hour" },
  { from: "now-6h", label: "Last 6 hours" },
  { from: "now-24h", label: "Last 24 hours" },
  { from: "now-7d", label: "Last 7 days" },
];

const UNIX_SECONDS = /^\d{9,11}(?:\.\d+)?$/;
const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?$/;

/**
 * What a person may type for one end of the range, as the server reads it; undefined when it is no time.
 * `now-30m`, RFC 3339 and unix seconds pass unchanged; `2026-11-23 10:00` is local time and becomes RFC 3339.
 */
export function readTimeInput(input: string): string | undefined {
  const text = input.trim();
  if (isRelative(text) || UNIX_SECONDS.test(text)) return text;
  if (parseInstant(text) !== undefined) return text.replace(" ", "T");
  return readLocalTime(text);
}

function isRelative(text: string): boolean {
  const back = text.startsWith("now-") ? text.slice("now-".length) : "";
  return text === "now" || (/\D$/.test(back) && readDurationInput(back) === back);
}

/** The range in words, for the button that opens the picker. */
export function describeRange(range: TimeRange): string {
  const known = RELATIVE_RANGES.find((preset) => preset.from === range.from);
  if (range.to === "" || range.to === "now") {
    if (known !== undefined) return known.label;
    const relative = /^now-(.+)$/.exec(range.from);
    return relative === null ? `${shortTime(range.from)} to now` : `Last ${relative[1]}`;
  }
  return `${shortTime(range.from)} to ${shortTime(range.to)}`;
}

function readLocalTime(text: string): string | undefined {
  const match = LOCAL.exec(text);
  if (match === null) return undefined;
  const [, date, minute = "00:00", second = "00", fraction = ""] = match;
  const local = new Date(`${date}T${minute}:${second}`);
  if (Number.isNaN(local.getTime())) return undefined;
  return printInstant(instant(BigInt(local.getTime()) * 1_000_000n + BigInt(fraction.padEnd(9, "0"))));
}

/** An absolute time in local clock time to the second; anything else as it stands. */
function shortTime(text: string): string {
  const at = parseInstant(text);
  if (at === undefined) return text;
  const local = new Date(Number(at / 1_000_000n));
  const two = (n: number) => String(n).padStart(2, "0");
  const date = `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`;
  return `${date} ${two(local.getHours())}:${two(local.getMinutes())}:${two(local.getSeconds())}`;
}
