// "Filter by this": one attribute of a record, added to the question that found it.
//
// Both grammars are the server's: `crates/model/src/selector` and `crates/model/src/text_query` define them.

import type { AttributeValue } from "../api/types";

/** The two halves of a question: who sent it (selector) and what it says (text query). */
export interface Question {
  selector: string;
  q: string;
}

export interface AttributeFilter {
  /** A resource attribute says who sent the record; a record attribute says what happened. */
  of: "resource" | "record";
  key: string;
  value: AttributeValue;
}

/** A Kubernetes label key: an optional DNS prefix and a name of at most 63 characters. */
const LABEL_KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** What can stand before the colon of `field:value` without quotes; the server takes more, and quotes are always right. */
const FIELD_NAME = /^[A-Za-z_@][A-Za-z0-9_.@/-]*$/;
const FIELD_VALUE = /^-?[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;
/** Fields that the text query searches as the record's text, so that an attribute of that name cannot be asked for. */
const TEXT_FIELDS = new Set(["body", "message"]);

/**
 * The question narrowed by one attribute. A resource attribute narrows the selector where its key fits Kubernetes'
 * grammar, anything else becomes a `field:value` term. Undefined when neither grammar can say it.
 */
export function narrow(question: Question, { of, key, value }: AttributeFilter): Question | undefined {
  const text = scalarText(value);
  if (text === undefined) return undefined;
  if (of === "resource" && LABEL_KEY.test(key)) {
    return { ...question, selector: andSelector(question.selector, `${key}=${LABEL_VALUE.test(text) ? text : quote(text)}`) };
  }
  if (TEXT_FIELDS.has(key)) return undefined;
  const field = FIELD_NAME.test(key) ? key : quote(key);
  return { ...question, q: andQuery(question.q, `${field}:${FIELD_VALUE.test(text) ? text : quote(text)}`) };
}

/** `requirement` and-ed to each alternative of the selector; said once even when asked twice. */
export function andSelector(selector: string, requirement: string): string {
  const narrowed = splitUnquoted(selector, "||").map((alternative) => {
    const parts = alternative.trim();
    if (parts === "") return requirement;
    const has = splitUnquoted(parts, ",").some((part) => part.trim() === requirement);
    return has ? parts : `${parts},${requirement}`;
  });
  return narrowed.join(" || ");
}

/** `term` and-ed to the text query. A query that `OR` divides is put in parentheses first. */
export function andQuery(q: string, term: string): string {
  const query = q.trim();
  if (query === "" || query === term) return term;
  if (/\bOR\b/.test(query)) return `(${query}) ${term}`;
  return query.startsWith(`${term} `) ? query : `${query} ${term}`;
}

/** The text cut at each separator that does not stand in quotes. */
function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\" && quoted) {
      at += 1;
    } else if (text[at] === '"') {
      quoted = !quoted;
    } else if (!quoted && text.startsWith(separator, at)) {
      parts.push(text.slice(from, at));
      at += separator.length - 1;
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function scalarText(value: AttributeValue): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return undefined;
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
