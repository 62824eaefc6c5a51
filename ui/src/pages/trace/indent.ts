const INDENT_PX = 14;
const MARGIN_PX = 6;
/** Deeper rows keep this indent: a chain of 50 000 calls still has room for its names. */
const INDENTED_LEVELS_MAX = 20;

/** Levels that the indent does not show, which the row then says in digits. */
export function levelsBeyond(depth: number): number {
  return Math.max(0, depth - INDENTED_LEVELS_MAX);
}

/** Pixels before a row's name. */
export function indentOf(depth: number): number {
  return MARGIN_PX + Math.min(depth, INDENTED_LEVELS_MAX) * INDENT_PX;
}
