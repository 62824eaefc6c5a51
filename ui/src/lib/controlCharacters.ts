// Telemetry is hostile: characters that draw nothing, or that reorder what surrounds them, are made visible.

/** Whether line breaks and tabs lay the text out (`block`) or are drawn like the rest (`line`). */
export type TextForm = "line" | "block";

// C0 and DEL; C1; soft hyphen; Arabic letter mark; zero-width space, bidi marks, line separators, bidi embeddings,
// invisible operators, bidi isolates, byte order mark, interlinear annotations; tag characters.
// Zero-width joiner and non-joiner stay: scripts and emoji need them.
const INVISIBLE =
  // eslint-disable-next-line no-control-regex -- control characters are what this file is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** The text with every invisible character drawn: `↵` for a line break, `‹ESC›` for escape, `‹U+202E›` where there is no short name. */
export function showControlCharacters(text: string, form: TextForm): string {
  return text.replace(INVISIBLE, (character) => {
    if (form === "block" && (character === "\n" || character === "\t")) return character;
    return picture(character.codePointAt(0) ?? 0);
  });
}

// Names, not the pictures at U+2400: few fonts have those, and at text size nobody can tell ␛ from ␜.
const NAMES =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

function picture(codePoint: number): string {
  if (codePoint === 0x09) return "⇥";
  if (codePoint === 0x0a) return "↵";
  const name = codePoint === 0x7f ? "DEL" : NAMES[codePoint];
  return `‹${name ?? `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`}›`;
}
