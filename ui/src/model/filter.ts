// "Filter by this": one attribute of a record, added to the question that found it.

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
const LABEL_KEY = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
/** What can stand before the colon of `field:value` without quotes. */
const FIELD_NAME = /^[A-Za-z_@][A-Za-z0-9_.@/-]*$/;
const BARE_VALUE = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const QUERY_WORDS = new Set(["AND", "OR", "NOT"]);

/**
 * The question narrowed by one attribute. A resource attribute that fits Kubernetes' label grammar narrows the
 * selector, anything else becomes a `field:value` term. Undefined when the grammar has no way to say it.
 */
export function narrow(question: Question, filter: AttributeFilter): Question | undefined {
  const value = scalarText(filter.value);
  if (value === undefined) return undefined;
  if (filter.of === "resource" && isLabel(filter.key, value)) {
    return { ...question, selector: andSelector(question.selector, `${filter.key}=${value}`) };
  }
  if (!FIELD_NAME.test(filter.key)) return undefined;
  return { ...question, q: andQuery(question.q, `${filter.key}:${quoted(value)}`) };
}

/** The selector for one service, or a text query where its name does not fit the selector grammar. */
export function serviceQuestion(service: string): Question {
  const filter: AttributeFilter = { of: "resource", key: "service.name", value: service };
  return narrow({ selector: "", q: "" }, filter) ?? { selector: "", q: "" };
}

/** `requirement` and-ed to each alternative of the selector; said once even when asked twice. */
export function andSelector(selector: string, requirement: string): string {
  return selector
    .split("||")
    .map((alternative) => {
      const parts = alternative.trim();
      if (parts === "") return requirement;
      return parts.split(",").some((part) => part.trim() === requirement) ? parts : `${parts},${requirement}`;
    })
    .join(" || ");
}

/** `term` and-ed to the text query; an `OR` in the query is put in parentheses first. */
export function andQuery(q: string, term: string): string {
  const query = q.trim();
  if (query === "") return term;
  if (query === term || query.endsWith(` ${term}`) || query.startsWith(`${term} `)) return query;
  return /(?:^|\s)OR(?:\s|$)/.test(query) ? `(${query}) ${term}` : `${query} ${term}`;
}

function isLabel(key: string, value: string): boolean {
  return value !== "" && LABEL_KEY.test(key) && LABEL_VALUE.test(value);
}

function scalarText(value: AttributeValue): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return undefined;
}

function quoted(value: string): string {
  if (BARE_VALUE.test(value) && !QUERY_WORDS.has(value)) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
