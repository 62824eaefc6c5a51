// Takes the pictures of docs/ from a running demo.
//
// node e2e/screenshots.mjs --server URL [--to FOLDER]
//
// Needs a shop that has run for some minutes with the faults `inventory-errors` and `lost-spans` on:
//
//   nunchi server --data-dir "$(mktemp -d)" & nunchi demo &
//   nunchi demo fault inventory-errors on; nunchi demo fault lost-spans on

import assert from "node:assert/strict";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { openBrowser, openPage } from "./browser.mjs";

/** @import { Page } from "playwright-core" */
/** @import { TraceAnswer, TracesAnswer } from "../src/api/types" */

const { server, to } = parseArgs({
  options: { server: { type: "string", default: "http://127.0.0.1:4319" }, to: { type: "string", default: join(import.meta.dirname, "../../docs") } },
}).values;

/** Failed traces among which one is chosen. */
const TRACES_SEEN = 200;

const browser = await openBrowser();
try {
  const watched = await openPage(browser, server);
  const { page } = watched;
  const shoot = (/** @type {string} */ name) => page.screenshot({ path: join(to, name) });

  await watched.open("/");
  await shoot("services.png");

  await watched.open(`/logs?${new URLSearchParams({ selector: "squad in (orders,logistics)", q: "deadlock" }).toString()}`);
  await page.getByTestId("log-row").filter({ hasText: "POST /reservations" }).first().getByRole("button").first().click();
  await page.getByTestId("log-details").waitFor();
  await shoot("logs.png");

  await watched.open(`/trace/${await tellingTrace(page)}`);
  await page.getByTestId("repairs").locator("summary").click();
  await shoot("trace.png");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot("trace-dark.png");
  watched.assertNoComplaints();
} finally {
  await browser.close();
}

/**
 * The trace that shows most at once: an order that failed for what `inventory` says in a log line, with one span that
 * never arrived, and that one as wide as can be.
 *
 * @param {Page} page
 */
async function tellingTrace(page) {
  const list = await page.request.get(`${server}/api/v1/traces?status=error&limit=${TRACES_SEEN}`);
  /** @type {TracesAnswer} */
  const { traces } = await list.json();
  let best = { traceId: "", share: 0 };
  for (const { trace_id: traceId } of traces) {
    const answer = await page.request.get(`${server}/api/v1/traces/${traceId}`);
    /** @type {TraceAnswer} */
    const story = await answer.json();
    const share = shareOfLost(story);
    if (share > best.share) best = { traceId, share };
  }
  assert.ok(best.share > 0, `none of ${traces.length} failed traces has one repair and a deadlock: are the faults on?`);
  return best.traceId;
}

/**
 * How much of the trace's time the lost span takes; none where there is more to repair, or no log line that explains.
 *
 * @param {TraceAnswer} answer
 */
function shareOfLost({ spans, repairs, logs, duration_ns: whole }) {
  const explained = logs.some(({ service, body }) => service === "inventory" && JSON.stringify(body).includes("deadlock"));
  const lost = spans.find(({ marks }) => marks?.includes("phantom"));
  return repairs.length === 1 && explained && lost !== undefined ? lost.duration_ns / whole : 0;
}
