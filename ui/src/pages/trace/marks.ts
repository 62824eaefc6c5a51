// The words for a span's marks, and why they matter.

import type { Span } from "../../api/types";

export interface MarkWords {
  word: string;
  meaning: string;
}

const WORDS: Readonly<Record<string, MarkWords>> = {
  orphan: { word: "orphan", meaning: "its parent has not arrived" },
  phantom: { word: "missing span", meaning: "this span has not arrived; it stands for what its children name as their parent" },
  duplicate: { word: "duplicate", meaning: "this span id arrived more than once" },
  shared_span_id: { word: "shared id", meaning: "a client and a server span have the same id, as Zipkin's propagation makes them" },
  cycle: { word: "cycle", meaning: "its parents lead back to itself" },
  clock_skew: { word: "clock off", meaning: "its host's clock is off, so it was moved with all spans of the host" },
  negative_duration: { word: "negative duration", meaning: "it ended before it started: a clock went backwards" },
};

/** What to say about a span. Being a root is the ordinary case and needs no badge; an unknown mark says its name. */
export function markWords(marks: readonly string[] | undefined): MarkWords[] {
  return (marks ?? []).filter((mark) => mark !== "root").map((mark) => WORDS[mark] ?? { word: mark.replaceAll("_", " "), meaning: "" });
}

/** True for a span that has not arrived, and is drawn because others name it as their parent. */
export function isPhantom(span: Span): boolean {
  return span.marks?.includes("phantom") ?? false;
}
