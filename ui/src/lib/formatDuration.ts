import {
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MICRO,
  NANOS_PER_MILLI,
  NANOS_PER_MINUTE,
  NANOS_PER_SECOND,
} from "../model/units";

/** Three significant digits and a unit: `1.23 ms`, `45 s`, `2 min 5 s`. Never without the unit. */
export function formatDuration(nanos: number): string {
  if (nanos < 0) return `−${formatDuration(-nanos)}`;
  if (nanos < NANOS_PER_MICRO) return `${Math.round(nanos)} ns`;
  // Half a last digit below the next unit already reads as the next unit: 999.96 µs is 1 ms, not 1000 µs.
  if (nanos < 999.5 * NANOS_PER_MICRO) return `${threeDigits(nanos / NANOS_PER_MICRO)} µs`;
  if (nanos < 999.5 * NANOS_PER_MILLI) return `${threeDigits(nanos / NANOS_PER_MILLI)} ms`;
  if (nanos < 59.95 * NANOS_PER_SECOND) return `${threeDigits(nanos / NANOS_PER_SECOND)} s`;
  if (nanos < NANOS_PER_HOUR) return pair(nanos, [NANOS_PER_MINUTE, "min"], [NANOS_PER_SECOND, "s"]);
  if (nanos < NANOS_PER_DAY) return pair(nanos, [NANOS_PER_HOUR, "h"], [NANOS_PER_MINUTE, "min"]);
  return pair(nanos, [NANOS_PER_DAY, "d"], [NANOS_PER_HOUR, "h"]);
}

type Unit = readonly [nanos: number, name: string];

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function pair(nanos: number, [bigNanos, bigName]: Unit, [smallNanos, smallName]: Unit): string {
  const smalls = Math.round(nanos / smallNanos);
  const perBig = bigNanos / smallNanos;
  const rest = smalls % perBig;
  const big = `${Math.floor(smalls / perBig)} ${bigName}`;
  return rest === 0 ? big : `${big} ${rest} ${smallName}`;
}
