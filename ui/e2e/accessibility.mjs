// Every view, light and dark, by the rules of axe: nothing serious, nothing critical.
//
// node e2e/accessibility.mjs --server URL --trace TRACE
//
// The trace has a span with an error and log records.

import assert from "node:assert/strict";
import { parseArgs } from "node:util";

import axe from "axe-core";

import { walk } from "./walk.mjs";

/** @import { Page } from "playwright-core" */
/** @import { WatchedPage } from "./browser.mjs" */

const { server = "", trace = "" } = parseArgs({ options: { server: { type: "string" }, trace: { type: "string" } } }).values;

/** What stands in the way of some readers; what is `moderate` or `minor` is a matter of taste at times. */
const GRAVE = ["serious", "critical"];

/**
 * Views by what they show: the address, and what to do there.
 *
 * @type {Readonly<Record<string, [path: string, act?: (page: Page, watched: WatchedPage) => Promise<void>]>>}
 */
const VIEWS = {
  "the services": ["/"],
  "no service": ["/?selector=app%3Dnothing"],
  "the log search": ["/logs"],
  "an open record": ["/logs?q=severity_number%3E%3D17", openRecord],
  "no record": ["/logs?q=nothingofthatkind"],
  "a question that is refused": ["/logs?q=%28", (_, watched) => watched.forgive("status of 400")],
  "the trace search": ["/traces"],
  "a trace": [`/trace/${trace}`],
  "a trace without its log lines": [`/trace/${trace}?logs=hidden`],
  "a trace as it arrived": [`/trace/${trace}?view=raw`],
  "a trace without its critical path": [`/trace/${trace}?path=hidden`],
  "what lies around a trace": [`/trace/${trace}`, openNearby],
  "an open span": [`/trace/${trace}`, openSpan],
  "collapsed rows": [`/trace/${trace}`, (page) => page.getByRole("button", { name: "Collapse all" }).click()],
  "a trace that is not here": ["/trace/00000000000000000000000000000001", (_, watched) => watched.forgive("status of 404")],
  "no such page": ["/nowhere"],
  "the time range picker": ["/logs", openTimeRange],
  "the keyboard shortcuts": ["/", openKeyHelp],
};

await walk(
  server,
  Object.fromEntries(
    Object.entries(VIEWS).flatMap(([view, [path, act]]) =>
      /** @type {const} */ (["light", "dark"]).map((colorScheme) => [
        `${view}, ${colorScheme}`,
        async (/** @type {Page} */ page, /** @type {WatchedPage} */ watched) => {
          await page.emulateMedia({ colorScheme });
          await watched.open(path);
          await act?.(page, watched);
          assert.equal(await page.locator("html").getAttribute("data-mantine-color-scheme"), colorScheme);
          assert.deepEqual(await findings(page), []);
        },
      ]),
    ),
  ),
);

/**
 * What axe finds on the page: each rule with the element that breaks it.
 *
 * @param {Page} page
 */
async function findings(page) {
  // Not a script element: the content security policy would refuse it.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => GRAVE.includes(impact ?? ""));
  return grave.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id} (${help}): ${html}`));
}

/** @param {Page} page */
async function openRecord(page) {
  await page.getByTestId("log-row").first().getByRole("button").first().click();
  await page.getByTestId("log-details").waitFor();
}

/** @param {Page} page */
async function openSpan(page) {
  await page.locator("[data-testid=span-row][data-error=true]").last().click();
  await page.getByTestId("span-details").waitFor();
}

/** @param {Page} page */
async function openNearby(page) {
  await page.getByTestId("nearby").locator("summary").click();
  await page.getByTestId("nearby-pod").first().waitFor();
}

/** @param {Page} page */
async function openTimeRange(page) {
  await page.getByTestId("time-range").click();
  await page.getByTestId("time-range-picker").waitFor();
}

/** @param {Page} page */
async function openKeyHelp(page) {
  await page.keyboard.press("?");
  await page.getByTestId("key-help").waitFor();
}
