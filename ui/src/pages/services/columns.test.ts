import { expect, test } from "vitest";

import type { ServiceSummary } from "../../api/types";
import { sortServices } from "./columns";

function service(name: string, part: Partial<ServiceSummary>): ServiceSummary {
  return { service: name, instances: 1, requests: 0, errors: 0, spans: 0, logs: 0, error_logs: 0, series: 0, last_seen: "", ...part };
}

const SERVICES = [
  service("b", { requests: 10, errors: 5, squad: "pay" }),
  service("a", { requests: 100, errors: 10 }),
  service("c", { requests: 0, squad: "front" }),
];

test.each([
  ["service", "asc", "a b c"],
  ["service", "desc", "c b a"],
  ["requests", "desc", "a b c"],
  ["error_rate", "desc", "b a c"],
  ["error_rate", "asc", "a b c"],
  ["squad", "asc", "c b a"],
  ["squad", "desc", "b c a"],
  ["instances", "desc", "a b c"],
] as const)("sorted by %s %s", (sort, order, names) => {
  expect(sortServices(SERVICES, sort, order).map((one) => one.service).join(" ")).toBe(names);
});
