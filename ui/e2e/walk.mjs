// Walks a journey: steps on one page, in order. Each leaves the page where the next begins, so the first that fails is
// the last.

import process from "node:process";

import { openBrowser, openPage } from "./browser.mjs";

/** @import { Page } from "playwright-core" */
/** @import { WatchedPage } from "./browser.mjs" */

/** Letters of the page that are shown when a step fails. */
const SHOWN_MAX = 3_000;

/**
 * What a step does, by the sentence that it proves.
 *
 * @typedef {Readonly<Record<string, (page: Page, watched: WatchedPage) => Promise<void>>>} Steps
 */

/**
 * Prints a line for each step. After one that fails it prints where the page stood, and the program ends with 1.
 *
 * @param {string} server
 * @param {Steps} steps
 */
export async function walk(server, steps) {
  const browser = await openBrowser();
  const watched = await openPage(browser, server);
  let proving = "";
  try {
    for (const [sentence, act] of Object.entries(steps)) {
      proving = sentence;
      await act(watched.page, watched);
      watched.assertNoComplaints();
      console.log(`ok ${sentence}`);
    }
  } catch (error) {
    console.log(`FAILED ${proving}`, error, await describe(watched));
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

/**
 * What a reader of the page would see.
 *
 * @param {WatchedPage} watched
 */
async function describe({ page, complaints }) {
  const text = await page.locator("body").innerText();
  return [`\nat ${page.url()}`, ...complaints, text.slice(0, SHOWN_MAX)].join("\n");
}
