// A browser, and a page of it that holds what it shows to the rules of the house: nothing refused by the content
// security policy, nothing thrown, nothing asked of another server, no picture loaded because telemetry said so.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import { chromium } from "playwright-core";

/** @import { Browser, BrowserContextOptions, Page } from "playwright-core" */

/** What Debian calls the program, and what other systems call it. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** What takes milliseconds on an idle machine may take this long on a busy one. */
const PATIENCE_MS = 30_000;

/** Between two looks at what should show by and by. */
const LOOK_AGAIN_MS = 50;

/** Without a sandbox, since tests may run as root; the browser meets nobody but our own server. */
const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];

/** What the page loads, besides its icon. */
const LOADED = new Set(["document", "script", "stylesheet", "fetch"]);
const ICON = "/favicon.svg";

/** @returns {Promise<Browser>} */
export function openBrowser() {
  return chromium.launch({ executablePath: findProgram(), args: ARGUMENTS, timeout: PATIENCE_MS });
}

/** What `TEST_CHROMIUM` says, or the first on the `PATH`. */
function findProgram() {
  const { TEST_CHROMIUM, PATH = "" } = process.env;
  if (TEST_CHROMIUM !== undefined) return TEST_CHROMIUM;
  const folders = PATH.split(delimiter);
  const found = PROGRAMS.flatMap((program) => folders.map((folder) => join(folder, program))).find((path) => existsSync(path));
  assert.ok(found !== undefined, "there is no Chromium on the PATH: run `cargo xtask tools`");
  return found;
}

/**
 * A page in a window of its own. Times are in UTC and English, wherever the machine stands.
 *
 * @param {Browser} browser
 * @param {string} server as in `http://127.0.0.1:4319`
 * @param {BrowserContextOptions} [options]
 */
export async function openPage(browser, server, options) {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return new WatchedPage(await context.newPage(), server);
}

/** A page of one server, and what went wrong on it so far. */
export class WatchedPage {
  /**
   * @param {Page} page
   * @param {string} server
   */
  constructor(page, server) {
    this.page = page;
    this.server = server;
    /** @type {string[]} */
    this.complaints = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`thrown: ${error.message}`));
    page.on("dialog", (dialog) => {
      this.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      const { origin, pathname } = new URL(request.url());
      const expected = origin === server && (LOADED.has(request.resourceType()) || pathname === ICON);
      if (!expected) this.complaints.push(`loaded ${request.resourceType()} ${request.url()}`);
    });
  }

  /**
   * Opens an address of the server and waits until the answer is drawn.
   *
   * @param {string} path
   */
  async open(path) {
    await this.page.goto(this.server + path);
    await this.settled();
  }

  /** Waits until no answer is on its way. */
  async settled() {
    await this.page.getByTestId("status-line").getByText("Server ready").waitFor();
    await this.page.locator("main h1").waitFor();
    await this.page.locator("[data-testid=loading], [data-stale=true]").waitFor({ state: "detached" });
  }

  /** The path and the parameters of where the page stands. */
  address() {
    const { pathname, searchParams } = new URL(this.page.url());
    return { path: pathname, search: Object.fromEntries(searchParams) };
  }

  /**
   * Waits for a complaint with these words and forgives it: the browser itself writes down every answer that is an
   * error, also one that was asked for.
   *
   * @param {string} words
   */
  async forgive(words) {
    const find = () => this.complaints.findIndex((complaint) => complaint.includes(words));
    await shows(() => find() >= 0, true);
    this.complaints.splice(find(), 1);
  }

  /** Fails if anything has gone wrong so far. */
  assertNoComplaints() {
    assert.deepEqual(this.complaints, [], "what went wrong on the page");
  }
}

/**
 * Looks again and again until it sees what is expected, since a page shows what was asked for by and by.
 *
 * @template T
 * @param {() => Promise<T> | T} look
 * @param {T} expected
 */
export async function shows(look, expected) {
  const deadline = performance.now() + PATIENCE_MS;
  let seen = await look();
  while (!isDeepStrictEqual(seen, expected) && performance.now() < deadline) {
    await setTimeout(LOOK_AGAIN_MS);
    seen = await look();
  }
  assert.deepEqual(seen, expected);
}
