// Numbers that must not be mixed up carry their unit in their type.

declare const unit: unique symbol;

/** A length of time in nanoseconds; negative where a sender's clock went backwards. Exact up to 104 days. */
export type Nanoseconds = number & { readonly [unit]: "ns" };

/** A point in time: nanoseconds since 1970-01-01T00:00:00Z. */
export type Instant = bigint & { readonly [unit]: "unix ns" };

export function nanoseconds(count: number): Nanoseconds {
  return count as Nanoseconds;
}

export function instant(unixNanos: bigint): Instant {
  return unixNanos as Instant;
}

/** `end - start`, clamped to what a `Nanoseconds` holds exactly. */
export function elapsed(start: Instant, end: Instant): Nanoseconds {
  const difference = end - start;
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  if (difference > limit) return nanoseconds(Number.MAX_SAFE_INTEGER);
  if (difference < -limit) return nanoseconds(-Number.MAX_SAFE_INTEGER);
  return nanoseconds(Number(difference));
}

export const NANOS_PER_MICRO = 1_000;
export const NANOS_PER_MILLI = 1_000_000;
export const NANOS_PER_SECOND = 1_000_000_000;
export const NANOS_PER_MINUTE = 60 * NANOS_PER_SECOND;
export const NANOS_PER_HOUR = 60 * NANOS_PER_MINUTE;
export const NANOS_PER_DAY = 24 * NANOS_PER_HOUR;
