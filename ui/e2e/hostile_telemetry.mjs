// Telemetry that was written to break the page that shows it: every text of a trace and of a log record is markup,
// control characters and letters that turn the reading direction. All of it is shown as text, and none of it runs.
//
// node e2e/hostile_telemetry.mjs --server URL --otlp URL
//
// Sends what it needs by itself, to the server's port for OTLP/HTTP.

import assert from "node:assert/strict";
import { parseArgs } from "node:util";

import { shows } from "./browser.mjs";
import { walk } from "./walk.mjs";

/** @import { Page } from "playwright-core" */

const { server = "", otlp = "" } = parseArgs({ options: { server: { type: "string" }, otlp: { type: "string" } } }).values;

/** One trace of which the root is lost, and one of a root alone. */
const TRACE = "0123456789abcdef0123456789abcdef";
const ROOTED = "0123456789abcdef0123456789abcdf0";
const SPAN = "0123456789abcdef";
const LOST_PARENT = "fedcba9876543210";

/** An escape sequence, a text turned around, a null and a letter without width. */
const CONTROLS = "\u001b[31m\u202Egnp.exe\u0000\u200B";
const CONTROLS_SHOWN = "‹ESC›[31m‹U+202E›gnp.exe‹NUL›‹U+200B›";

/**
 * A text that runs something when a page takes it for markup, with its place in it.
 *
 * @param {string} place
 */
function evil(place) {
  return `<img src=x onerror="globalThis.ran='${place}'"><script>globalThis.ran='${place}'</script>\${7*7}{{7*7}} ${CONTROLS}`;
}

/**
 * How the page must show it.
 *
 * @param {string} place
 */
function shown(place) {
  return evil(place).replace(CONTROLS, CONTROLS_SHOWN);
}

/**
 * An attribute of which both sides are hostile.
 *
 * @param {string} place
 */
function attribute(place) {
  return { key: evil(`${place} key`), value: { stringValue: evil(`${place} value`) } };
}

const now = BigInt(Date.now()) * 1_000_000n;
const resource = {
  attributes: [
    { key: "service.name", value: { stringValue: evil("service") } },
    { key: "service.namespace", value: { stringValue: evil("namespace") } },
    { key: "squad", value: { stringValue: evil("squad") } },
    attribute("resource"),
  ],
};
const scope = { name: evil("scope"), version: evil("version"), attributes: [attribute("scope")] };
const span = {
  traceId: TRACE,
  spanId: SPAN,
  parentSpanId: LOST_PARENT,
  name: evil("operation"),
  kind: 2,
  startTimeUnixNano: String(now),
  endTimeUnixNano: String(now + 5_000_000n),
  traceState: `evil=${evil("state")}`,
  attributes: [attribute("span"), { key: "url.full", value: { stringValue: "javascript:globalThis.ran='link'" } }],
  events: [{ name: evil("event"), timeUnixNano: String(now + 1_000_000n), attributes: [attribute("event")] }],
  links: [{ traceId: TRACE, spanId: SPAN, attributes: [attribute("link")] }],
  status: { code: 2, message: evil("status") },
};
const record = {
  timeUnixNano: String(now + 2_000_000n),
  severityNumber: 17,
  severityText: evil("severity"),
  body: { stringValue: evil("body") },
  eventName: evil("event name"),
  attributes: [attribute("record")],
  traceId: TRACE,
  spanId: SPAN,
};

await walk(server, {
  "hostile telemetry is taken": async (page) => {
    await send(page, "traces", { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span, { ...span, traceId: ROOTED, parentSpanId: "" }] }] }] });
    await send(page, "logs", { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] });
  },

  "its services are text": async (page, watched) => {
    await watched.open("/");
    await assertText(page, ["service", "namespace", "squad"]);
  },

  "its log records are text, closed and open": async (page, watched) => {
    await watched.open("/logs");
    await assertText(page, ["service", "body"]);
    await page.getByTestId("log-row").getByRole("button").first().click();
    await assertText(page, ["event name", "record key", "record value", "resource key", "resource value", "severity", "scope", "version"]);
  },

  "a filter by a hostile attribute finds its record": async (page, watched) => {
    await page.getByRole("link", { name: /^filter by .*record key/ }).click();
    await page.waitForURL("**q=**");
    await watched.settled();
    await shows(() => page.getByTestId("log-row").count(), 1);
    await assertText(page, ["body"]);
  },

  "its traces are text": async (page, watched) => {
    await watched.open("/traces");
    await assertText(page, ["service", "operation"]);
  },

  "its trace is text, with all details": async (page, watched) => {
    await watched.open(`/trace/${TRACE}`);
    await assertText(page, ["service", "squad", "operation", "body"]);
    await page.locator(`[data-testid=span-row][data-span-id="${SPAN}"]`).click();
    await assertText(page, ["status", "event", "event key", "event value", "span key", "span value", "link key", "link value", "state", "scope key"]);
    await page.getByTestId("trace-log").click();
    await assertText(page, ["record key", "severity"]);
  },

  "a repair of it is text, and what arrived is shown on demand": async (page, watched) => {
    const rows = () => page.getByTestId("span-row").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-marks")));
    await shows(rows, ["phantom", "orphan"]);
    await page.getByTestId("trace-facts").getByText("1 span", { exact: true }).waitFor();
    await page.getByTestId("repairs").locator("summary").click();
    await page.locator("[data-testid=repair][data-kind=missing_parent]").getByText("Evidence").waitFor();
    await assertText(page, ["operation"]);
    await page.getByText("As it arrived").click();
    await page.waitForURL("**view=raw**");
    await watched.settled();
    await shows(rows, ["orphan"]);
    assert.equal(await page.getByTestId("repairs").count(), 0);
  },
});

/**
 * Sends a request by OTLP/JSON, not from the page.
 *
 * @param {Page} page
 * @param {"logs" | "traces"} signal
 * @param {object} data
 */
async function send(page, signal, data) {
  const response = await page.request.post(`${otlp}/v1/${signal}`, { data });
  assert.equal(response.status(), 200, await response.text());
}

/**
 * Holds that the page shows the texts of these places letter by letter, that no element was made from one, that no
 * letter that turns or hides others is left where someone reads or hears it, and that nothing ran.
 *
 * @param {Page} page
 * @param {readonly string[]} places
 */
async function assertText(page, places) {
  for (const place of places) await page.getByText(shown(place)).first().waitFor();
  const made = await page.evaluate(() => {
    const labels = [...document.querySelectorAll("[aria-label], [title]")].map((element) => `${element.ariaLabel ?? ""}${element.getAttribute("title") ?? ""}`);
    return {
      ran: "ran" in globalThis,
      elements: document.querySelectorAll("img, iframe, object, embed, body script, a[href^='javascript:'], [onerror]").length,
      // eslint-disable-next-line no-control-regex -- control characters are what this is about
      raw: [document.title, document.body.textContent, ...labels].filter((text) => /[\u0000\u001b\u200b\u202e]/.test(text)),
    };
  });
  assert.deepEqual(made, { ran: false, elements: 0, raw: [] });
}
