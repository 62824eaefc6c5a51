// A service is a name, a namespace and an environment; two squads may both have a "web".

import type { ServiceSummary } from "../api/types";
import { type Question, andSelector, narrow } from "./filter";

/** What tells services of one name apart. `environment` is the selector's short name: it finds the old attribute too. */
const PLACE = [
  ["service.namespace", "namespace"],
  ["environment", "environment"],
] as const;

/** Names that more than one of the services has. */
export function sharedNames(services: readonly ServiceSummary[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { service } of services) (seen.has(service) ? shared : seen).add(service);
  return shared;
}

/** The question that this service's records answer. Namespace and environment are only said where the name is shared. */
export function serviceQuestion(service: ServiceSummary, shared: ReadonlySet<string>): Question {
  const named = requiring({ selector: "", q: "" }, "service.name", service.service);
  if (!shared.has(service.service)) return named;
  return PLACE.reduce((question, [key, field]) => requiring(question, key, service[field]), named);
}

function requiring(question: Question, key: string, value: string | undefined): Question {
  const absent = { ...question, selector: andSelector(question.selector, `!${key}`) };
  if (value === undefined || value === "") return absent;
  return narrow(question, { of: "resource", key, value }) ?? absent;
}
