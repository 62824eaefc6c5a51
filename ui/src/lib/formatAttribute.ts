import type { AttributeValue } from "../api/types";

/** An attribute value or a log body as text: strings as they are, everything else as JSON. */
export function attributeText(value: AttributeValue): string {
  if (typeof value === "string") return value;
  const bytes = base64Of(value);
  if (bytes !== undefined) return `base64 ${bytes}`;
  return JSON.stringify(value);
}

/** JSON up to this long is read faster on one line. */
const ONE_LINE_CHARACTERS_MAX = 60;

/** The same, but larger structures over several lines, for a place with room. */
export function attributeBlock(value: AttributeValue): string {
  const text = attributeText(value);
  const structured = typeof value === "object" && value !== null && base64Of(value) === undefined;
  return structured && text.length > ONE_LINE_CHARACTERS_MAX ? JSON.stringify(value, null, 2) : text;
}

/** Bytes travel as `{"base64": "…"}`; undefined when the value is anything else. */
function base64Of(value: AttributeValue): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  const bytes = value.base64;
  return keys.length === 1 && typeof bytes === "string" ? bytes : undefined;
}
