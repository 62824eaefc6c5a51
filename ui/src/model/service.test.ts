import { expect, test } from "vitest";

import type { ServiceSummary } from "../api/types";
import { serviceQuestion, sharedNames } from "./service";

function service(part: Partial<ServiceSummary>): ServiceSummary {
  return { service: "web", instances: 1, requests: 0, errors: 0, spans: 0, logs: 0, error_logs: 0, series: 0, last_seen: "", ...part };
}

const SERVICES = [
  service({ service: "checkout", namespace: "shop" }),
  service({ namespace: "shop", environment: "prod" }),
  service({ namespace: "shop", environment: "canary 2" }),
  service({}),
  service({ service: "" }),
];

test("each service is chosen by the least that tells it apart", () => {
  const shared = sharedNames(SERVICES);
  expect(SERVICES.map((one) => serviceQuestion(one, shared))).toEqual([
    { selector: "service.name=checkout", q: "" },
    { selector: "service.name=web,service.namespace=shop,environment=prod", q: "" },
    { selector: 'service.name=web,service.namespace=shop,environment="canary 2"', q: "" },
    { selector: "service.name=web,!service.namespace,!environment", q: "" },
    { selector: "!service.name", q: "" },
  ]);
});
