// `JSON.parse` rounds integers beyond 2^53, and telemetry is full of 64-bit ids. Those come out as their digits.

import { type AttributeValue } from "./types";

/** Fields of the API that are arithmetic, not identity: they stay numbers whatever their size. */
const ALWAYS_NUMBERS = new Set(["duration_ns", "start_offset_ns", "offset_ns", "self_ns", "shift_ns", "error_ns", "duration_p50_ns", "duration_p99_ns"]);

/** Cheap look for an integer that may be too long; most answers have none and skip the slow reviver. */
const LONG_INTEGER = /[:[,]\s*-?\d{16,}\s*[,\]}]/;

/** Third reviver argument, in browsers since 2025; without it the number stays rounded. */
interface ReviverContext {
  source?: string;
}

/** Parses JSON; an integer that a number cannot hold exactly becomes the string of its digits. */
export function parseExactJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  const reviver = (key: string, value: AttributeValue, context?: ReviverContext) => {
    if (typeof value !== "number" || Number.isSafeInteger(value) || ALWAYS_NUMBERS.has(key)) return value;
    const source = context?.source ?? "";
    return /^-?\d+$/.test(source) ? source : value;
  };
  return JSON.parse(text, reviver);
}
