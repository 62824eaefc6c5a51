const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** All digits, grouped: `1,234,567`. */
export function formatCount(count: number): string {
  return WHOLE.format(count);
}

/** At most four digits, then `12.3K`, `4.5M`: for places where the size matters and the last digit does not. */
export function formatCompact(count: number): string {
  return count < 10_000 ? WHOLE.format(count) : COMPACT.format(count);
}

/** `1 span`, `1,024 spans`. */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A share of a whole as a percentage; a small share is never rounded to none, nor a large one to all. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return "0 %";
  if (part >= whole) return "100 %";
  const percent = (part / whole) * 100;
  if (percent < 0.1) return "<0.1 %";
  if (percent > 99.9) return ">99.9 %";
  return `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}
