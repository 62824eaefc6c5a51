// The columns of the service table: how each is called and by what it is ordered.

import type { ServiceSummary } from "../../api/types";
import type { ServiceSort } from "../../urlState";

export interface Column {
  sort: ServiceSort;
  title: string;
  /** Numbers stand right and are first sorted largest first; words stand left, first sorted from A. */
  kind: "word" | "number";
}

export const COLUMNS: readonly Column[] = [
  { sort: "service", title: "Service", kind: "word" },
  { sort: "namespace", title: "Namespace", kind: "word" },
  { sort: "environment", title: "Environment", kind: "word" },
  { sort: "squad", title: "Squad", kind: "word" },
  { sort: "instances", title: "Instances", kind: "number" },
  { sort: "requests", title: "Requests", kind: "number" },
  { sort: "errors", title: "Errors", kind: "number" },
  { sort: "error_rate", title: "Error rate", kind: "number" },
  { sort: "duration_p50_ns", title: "p50", kind: "number" },
  { sort: "duration_p99_ns", title: "p99", kind: "number" },
  { sort: "spans", title: "Spans", kind: "number" },
  { sort: "logs", title: "Logs", kind: "number" },
  { sort: "error_logs", title: "Error logs", kind: "number" },
  { sort: "last_seen", title: "Last seen", kind: "number" },
];

/** Services in the order asked for. Absent values stand last either way; equals stay in the order of their names. */
export function sortServices(services: readonly ServiceSummary[], sort: ServiceSort, order: "asc" | "desc"): ServiceSummary[] {
  const sign = order === "asc" ? 1 : -1;
  return [...services].sort((a, b) => {
    const left = sortValue(a, sort);
    const right = sortValue(b, sort);
    if (left === right) return a.service < b.service ? -1 : a.service > b.service ? 1 : 0;
    if (left === undefined) return 1;
    if (right === undefined) return -1;
    return left < right ? -sign : sign;
  });
}

function sortValue(service: ServiceSummary, sort: ServiceSort): string | number | undefined {
  if (sort === "error_rate") return service.requests === 0 ? undefined : service.errors / service.requests;
  return service[sort];
}
