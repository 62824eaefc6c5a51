// The waterfall of a trace as a reader sees it.

/** @import { Page } from "playwright-core" */

/**
 * The rows from top to bottom: `service operation`, with `error` and other marks after it; and `| SEVERITY text` with
 * the operation of the span whose record it is.
 *
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export function waterfallRows(page) {
  return page.getByTestId("waterfall").evaluate((waterfall) => {
    const words = (/** @type {Element | null} */ element) => (element instanceof HTMLElement ? element.innerText.replaceAll(/\s+/g, " ").trim() : "");
    const name = (/** @type {Element} */ row) => words(row.querySelector("[role=gridcell]"));
    const rows = [...waterfall.querySelectorAll("[role=row]")];
    const spans = new Map(rows.filter((row) => row.matches("[data-testid=span-row]")).map((row) => [row.getAttribute("data-span-id"), name(row)]));
    return rows.map((row) => {
      if (row.matches("[data-testid=span-row]")) return name(row);
      const text = name(row).replace(/ \+[\d.]+ \S+$/, "");
      return `| ${text} (${spans.get(row.getAttribute("data-span-id")) ?? "no span"})`;
    });
  });
}

/**
 * The row that the keys move from.
 *
 * @param {Page} page
 */
export function activeRow(page) {
  return page.locator("[role=row][data-active=true]");
}
