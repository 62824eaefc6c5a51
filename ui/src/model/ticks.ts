import type { TimeWindow } from "./trace";
import { type Nanoseconds, nanoseconds } from "./units";

/** At most this many, so that their labels never touch. */
const TICKS_MAX = 6;

/** Round times within a window, evenly spaced by 1, 2 or 5 times a power of ten. The window's end is left out. */
export function ticks({ start, end }: TimeWindow): Nanoseconds[] {
  const step = roundStep((end - start) / TICKS_MAX);
  const marks: Nanoseconds[] = [];
  for (let mark = Math.ceil(start / step); mark * step < end && marks.length <= TICKS_MAX; mark += 1) {
    marks.push(nanoseconds(mark * step));
  }
  return marks;
}

/** The smallest 1, 2 or 5 times a power of ten that is at least `atLeast`, and never below a nanosecond. */
function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(atLeast, 1)));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= atLeast) ?? 10;
  return factor * power;
}
