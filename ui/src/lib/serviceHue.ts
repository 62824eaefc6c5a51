/** Colours in `tokens.css`: `--service-0` to `--service-9`. */
export const SERVICE_HUES = 10;

/**
 * The colour of a service, the same on every page and every day. Two services may share one, so a colour never
 * stands without the name.
 */
export function serviceHue(service: string): number {
  // FNV-1a: names that differ in one letter should not be neighbours in colour.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(service)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % SERVICE_HUES;
}
