// From the list of services to the line that explains a failed request, and to everything in between.
//
// node e2e/follow_a_request.mjs --server URL --tea TRACE --unobtainium TRACE
//
// The server has heard of two requests of a Node service, `storefront`, that asks a Python service, `pricing`: one for
// tea, which went well, and one for unobtainium, for which `pricing` raised an exception.

import assert from "node:assert/strict";
import { parseArgs } from "node:util";

import { openPage, shows } from "./browser.mjs";
import { walk } from "./walk.mjs";
import { activeRow, waterfallRows } from "./waterfall.mjs";

/** @import { Browser, Page } from "playwright-core" */

const { server = "", tea = "", unobtainium = "" } = parseArgs({
  options: { server: { type: "string" }, tea: { type: "string" }, unobtainium: { type: "string" } },
}).values;

const TEA_ROWS = [
  "storefront GET",
  "storefront quote",
  "storefront GET",
  "pricing GET /price",
  "pricing look up",
  "| INFO tea costs 350 cents (pricing look up)",
  "| INFO quoted tea (storefront quote)",
];

const UNOBTAINIUM_ROWS = [
  "storefront GET error",
  "storefront quote error",
  "storefront GET error",
  "pricing GET /price error",
  "pricing look up error",
  "| ERROR cannot price unobtainium (pricing GET /price error)",
  "| ERROR no quote for unobtainium: pricing answered 500 (storefront quote error)",
];

const SPAN_ROWS = UNOBTAINIUM_ROWS.filter((row) => !row.startsWith("|"));

await walk(server, {
  "both services are listed, with what failed": async (page, watched) => {
    await watched.open("/");
    // Service, requests, errors, error rate.
    const columns = () => page.getByTestId("service-row").evaluateAll((rows) => rows.map((row) => [0, 5, 6, 7].map((at) => row.children[at]?.textContent)));
    await shows(columns, [
      ["pricing", "2", "1", "50 %"],
      ["storefront", "2", "1", "50 %"],
    ]);
  },

  "a service leads to its traces, the newest first": async (page, watched) => {
    await page.getByTestId("service-row").filter({ hasText: "storefront" }).getByRole("link", { name: "storefront", exact: true }).click();
    await page.waitForURL("**/traces?**");
    await watched.settled();
    assert.equal(watched.address().search.selector, "service.name=storefront");
    await shows(() => traceIds(page), [unobtainium, tea]);
    await traceRow(page, unobtainium).getByText("5 errors").waitFor();
  },

  "a trace is one tree of both services, with log lines in place": async (page, watched) => {
    await traceRow(page, tea).getByRole("link").click();
    await page.waitForURL(`**/trace/${tea}**`);
    await watched.settled();
    await shows(() => waterfallRows(page), TEA_ROWS);
    assert.equal(await page.getByTestId("trace-id").innerText(), tea);
    assert.equal(await page.locator("[data-error=true]").count(), 0);
    assert.equal(await page.getByTestId("repairs").count(), 0);
    assert.deepEqual(await page.getByTestId("trace-service").allInnerTexts(), ["storefront\n3 spans, 1 log", "pricing\n2 spans, 1 log"]);
  },

  "back leads to the list, and the failed trace marks its errors": async (page, watched) => {
    await page.goBack();
    await page.waitForURL("**/traces?**");
    await shows(() => traceIds(page), [unobtainium, tea]);
    await traceRow(page, unobtainium).getByRole("link").click();
    await page.waitForURL(`**/trace/${unobtainium}**`);
    await watched.settled();
    await shows(() => waterfallRows(page), UNOBTAINIUM_ROWS);
    assert.equal(await page.locator("[data-testid=span-row][data-error=true]").count(), 5);
    await page.getByTestId("trace-facts").getByText("5 errors").waitFor();
  },

  "the keys walk through the rows and open their details": async (page, watched) => {
    await walkByKeys(page);
    await shows(() => watched.address().search.open, undefined);
  },

  "a click on a span shows what it says of itself": async (page, watched) => {
    const lookUp = page.getByTestId("span-row").filter({ hasText: "look up" });
    await lookUp.click();
    const details = page.getByTestId("span-details");
    await details.getByText("ValueError: unobtainium has no price", { exact: true }).waitFor();
    await details.getByText("Traceback (most recent call last)").waitFor();
    const id = await lookUp.getAttribute("data-span-id");
    assert.equal(await details.getAttribute("data-span-id"), id);
    await shows(() => watched.address().search.open, id ?? undefined);
    await page.getByTestId("trace-log").filter({ hasText: "cannot price" }).click();
    await page.getByTestId("log-details").getByText("exception.stacktrace").waitFor();
    await lookUp.click();
  },

  "an attribute filters by itself, and back returns to the open span": async (page, watched) => {
    await page.getByRole("link", { name: "filter by shop.item = unobtainium" }).click();
    await page.waitForURL("**/traces?**");
    await watched.settled();
    assert.equal(watched.address().search.q, "shop.item:unobtainium");
    await shows(() => traceIds(page), [unobtainium]);
    await page.goBack();
    await page.getByTestId("span-details").getByText("ValueError: unobtainium has no price", { exact: true }).waitFor();
  },

  "rows collapse, and log lines hide": async (page, watched) => {
    await page.getByRole("button", { name: "Collapse all" }).click();
    await shows(() => waterfallRows(page), ["storefront GET error 4 below, 4 errors"]);
    await page.getByRole("button", { name: "Expand all" }).click();
    await shows(() => waterfallRows(page), UNOBTAINIUM_ROWS);
    await page.getByTestId("toggle-logs").click();
    await page.getByRole("button", { name: "Show 2 log lines" }).waitFor();
    await shows(() => waterfallRows(page), SPAN_ROWS);
    await shows(() => watched.address().search.logs, "hidden");
  },

  "what arrived is what is shown, since nothing was missing": async (page, watched) => {
    await page.getByText("As it arrived").click();
    await page.waitForURL("**view=raw**");
    await watched.settled();
    await shows(() => waterfallRows(page), SPAN_ROWS);
  },

  "the address alone shows the same again": async (page, watched) => {
    await page.getByTestId("span-row").filter({ hasText: "look up" }).click();
    await page.getByTestId("span-details").waitFor();
    await page.reload();
    await assertSameView(page);
    const stranger = await openPage(browserOf(page), server);
    await stranger.open(page.url().slice(server.length));
    await assertSameView(stranger.page);
    stranger.assertNoComplaints();
    await stranger.page.context().close();
    assert.equal(watched.address().search.view, "raw");
  },

  "log search finds a record and opens it": async (page, watched) => {
    await page.getByRole("link", { name: "Logs", exact: true }).click();
    await page.getByLabel("Text query").fill('"cannot price"');
    await page.getByRole("button", { name: "Search" }).click();
    await page.waitForURL("**/logs?**q=**");
    await watched.settled();
    assert.equal(watched.address().search.q, '"cannot price"');
    const row = page.getByTestId("log-row");
    await shows(() => row.count(), 1);
    await row.getByRole("button").first().click();
    await page.getByTestId("log-details").getByText("exception.stacktrace").waitFor();
    assert.equal(await row.getAttribute("data-expanded"), "true");
  },

  "a record narrows the search, and back widens it": async (page, watched) => {
    await page.getByRole("link", { name: "filter by exception.type = ValueError" }).click();
    await page.waitForURL("**exception.type**");
    await watched.settled();
    assert.equal(watched.address().search.q, '"cannot price" exception.type:ValueError');
    assert.equal(await page.getByLabel("Text query").inputValue(), '"cannot price" exception.type:ValueError');
    await shows(() => page.getByTestId("log-row").count(), 1);
    await page.goBack();
    await page.waitForURL((url) => url.searchParams.get("q") === '"cannot price"');
    await watched.settled();
  },

  "a record leads to its trace, with its span open": async (page, watched) => {
    const row = page.getByTestId("log-row");
    if ((await row.getAttribute("data-expanded")) === "false") await row.getByRole("button").first().click();
    await page.getByTestId("log-trace-link").click();
    await page.waitForURL(`**/trace/${unobtainium}**`);
    await page.getByTestId("span-details").getByText("GET /price").first().waitFor();
    assert.match(await activeRow(page).innerText(), /GET \/price/);
    assert.equal(watched.address().search.open, await activeRow(page).getAttribute("data-span-id"));
  },

  "the time range goes along from page to page": async (page, watched) => {
    await page.getByTestId("time-range").click();
    await page.getByTestId("time-range-picker").getByRole("button", { name: "Last 15 minutes" }).click();
    await page.waitForURL("**from=now-15m**");
    await page.getByRole("link", { name: "Services", exact: true }).click();
    await page.getByTestId("service-row").first().waitFor();
    assert.deepEqual(watched.address(), { path: "/", search: { from: "now-15m" } });
  },
});

/**
 * The ids in the list of traces, from top to bottom.
 *
 * @param {Page} page
 */
function traceIds(page) {
  return page.getByTestId("trace-row").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-trace-id")));
}

/**
 * @param {Page} page
 * @param {string} traceId
 */
function traceRow(page, traceId) {
  return page.locator(`[data-testid=trace-row][data-trace-id="${traceId}"]`);
}

/**
 * From the first row of the failed trace to a span's details and out of them, without a pointer.
 *
 * @param {Page} page
 */
async function walkByKeys(page) {
  const active = activeRow(page);
  const details = page.getByTestId("span-details");
  /** @param {string} text */
  const isActive = (text) => active.filter({ hasText: text }).waitFor();
  await isActive("storefront");
  for (const [key, text] of [
    ["j", "quote"],
    ["ArrowDown", "GET"],
    ["j", "GET /price"],
    ["j", "look up"],
    ["j", "cannot price"],
    ["k", "look up"],
    ["ArrowUp", "GET /price"],
    ["e", "look up"],
  ]) {
    await page.keyboard.press(key ?? "");
    await isActive(text ?? "");
  }
  assert.equal(await details.count(), 0);
  await page.keyboard.press("Enter");
  await details.getByText("look up", { exact: true }).waitFor();
  await page.keyboard.press("k");
  await details.getByText("GET /price", { exact: true }).first().waitFor();
  await page.keyboard.press("Escape");
  await details.waitFor({ state: "detached" });
  await page.keyboard.press("?");
  await page.getByTestId("key-help").getByText("next row with an error").waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("key-help").getByText("next row with an error").waitFor({ state: "hidden" });
}

/**
 * The failed trace as it arrived, without log lines, and with the details of one span.
 *
 * @param {Page} page
 */
async function assertSameView(page) {
  await page.getByTestId("span-details").getByText("ValueError: unobtainium has no price", { exact: true }).waitFor();
  await shows(() => waterfallRows(page), SPAN_ROWS);
  assert.match(await activeRow(page).innerText(), /look up/);
  assert.equal(await page.getByRole("radio", { name: "As it arrived" }).isChecked(), true);
}

/**
 * @param {Page} page
 * @returns {Browser}
 */
function browserOf(page) {
  const browser = page.context().browser();
  assert.ok(browser !== null, "a page in a context of its own has a browser");
  return browser;
}
