import { expect, test } from "vitest";

import { showControlCharacters } from "./controlCharacters";

test.each([
  ["plain text, 한국어, emoji 👩‍💻", "plain text, 한국어, emoji 👩‍💻"],
  ["\u001b[31mred\u001b[0m", "‹ESC›[31mred‹ESC›[0m"],
  ["bell\u0007 and del\u007f", "bell‹BEL› and del‹DEL›"],
  ["C1 \u009b31m", "C1 ‹U+009B›31m"],
  ["file\u202Egpj.exe", "file‹U+202E›gpj.exe"],
  ["zero\u200bwidth\ufeff", "zero‹U+200B›width‹U+FEFF›"],
  ["tag \u{e0041}", "tag ‹U+E0041›"],
])("in a line %j is drawn %j", (text, drawn) => {
  expect(showControlCharacters(text, "line")).toBe(drawn);
});

test("a line has no line breaks, a block keeps them", () => {
  expect(showControlCharacters("a\r\n\tb", "line")).toBe("a‹CR›↵⇥b");
  expect(showControlCharacters("a\r\n\tb", "block")).toBe("a‹CR›\n\tb");
});
