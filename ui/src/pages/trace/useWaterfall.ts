import { useMemo, useState } from "react";

import { isControl, useKeys } from "../../components/useKeys";
import { type SpanNode, type TraceLayout, type WaterfallRow, collapsibleKeys, hasChildren, isError, revealed, visibleRows } from "../../model/trace";
import type { TraceState } from "../../urlState";

export interface WaterfallOptions {
  layout: TraceLayout;
  logs: TraceState["logs"];
  path: TraceState["path"];
  /** Key of the row whose details are open; empty when none are. */
  openKey: string;
  open: (key: string) => void;
}

export interface WaterfallState {
  rows: readonly WaterfallRow[];
  /** The row that the keys move from; -1 when there are no rows. */
  active: number;
  collapsed: ReadonlySet<string>;
  /** Whether bars say where the critical path goes through them. */
  path: TraceState["path"];
  /** Makes a row the active one and opens its details. */
  choose: (row: WaterfallRow) => void;
  toggle: (node: SpanNode) => void;
  collapseAll: () => void;
  expandAll: () => void;
  /** Opens a span's details, and whatever hides it. */
  reveal: (key: string) => void;
}

/** What is collapsed and which row is active, and the keys that change it. */
export function useWaterfall({ layout, logs, path, openKey, open }: WaterfallOptions): WaterfallState {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [activeKey, setActiveKey] = useState(openKey);
  const rows = useMemo(() => visibleRows(layout, { collapsed, logs }), [layout, collapsed, logs]);
  const active = useMemo(() => {
    const found = rows.findIndex((row) => row.key === activeKey);
    return found === -1 ? Math.min(0, rows.length - 1) : found;
  }, [rows, activeKey]);

  const move = (to: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (row === undefined) return;
    setActiveKey(row.key);
    // Once details are open they follow the active row, as in a mail program.
    if (openKey !== "") open(row.key);
  };
  const choose = (row: WaterfallRow) => {
    setActiveKey(row.key);
    open(row.key === openKey ? "" : row.key);
  };
  const toggle = (node: SpanNode) => {
    const next = new Set(collapsed);
    if (!next.delete(node.key)) next.add(node.key);
    setCollapsed(next);
  };
  const state: WaterfallState = {
    rows,
    active,
    collapsed,
    path,
    choose,
    toggle,
    collapseAll: () => setCollapsed(collapsibleKeys(layout)),
    expandAll: () => setCollapsed(new Set()),
    reveal: (key) => {
      setCollapsed(revealed(layout, collapsed, key));
      setActiveKey(key);
      open(key);
    },
  };
  useWaterfallKeys({ state, move, close: () => open(""), openKey });
  return state;
}

interface KeyOptions {
  state: WaterfallState;
  move: (to: number) => void;
  close: () => void;
  openKey: string;
}

function useWaterfallKeys({ state, move, close, openKey }: KeyOptions): void {
  const { rows, active } = state;
  const row = rows[active];
  const run = (action: () => void) => () => {
    action();
    return true;
  };
  const nextError = () => {
    const next = rows.findIndex((candidate, index) => index > active && isGrave(candidate));
    move(next === -1 ? rows.findIndex(isGrave) : next);
  };
  const openBelow = () => {
    if (row?.kind === "span" && state.collapsed.has(row.key)) state.toggle(row);
    else if (row?.kind === "span" && hasChildren(row)) move(active + 1);
  };
  const closeOrParent = () => {
    if (row?.kind === "span" && hasChildren(row) && !state.collapsed.has(row.key)) state.toggle(row);
    else move(parentIndex(rows, active));
  };
  useKeys({
    j: run(() => move(active + 1)),
    k: run(() => move(active - 1)),
    ArrowDown: run(() => move(active + 1)),
    ArrowUp: run(() => move(active - 1)),
    ArrowRight: run(openBelow),
    ArrowLeft: run(closeOrParent),
    e: run(() => rows.some(isGrave) && nextError()),
    "[": run(state.collapseAll),
    "]": run(state.expandAll),
    Escape: run(() => openKey !== "" && close()),
    Enter: (event) => {
      if (row === undefined || isControl(event.target)) return false;
      state.choose(row);
      return true;
    },
  });
}

/** Severity numbers from 17 on are ERROR and FATAL. */
function isGrave(row: WaterfallRow): boolean {
  return row.kind === "span" ? isError(row.span) : row.record.severity_number >= 17;
}

/** The nearest row above that is less deep; the row itself at the top. */
function parentIndex(rows: readonly WaterfallRow[], of: number): number {
  const depth = depthOf(rows[of]);
  for (let index = of - 1; index >= 0; index -= 1) {
    if (depthOf(rows[index]) < depth) return index;
  }
  return of;
}

function depthOf(row: WaterfallRow | undefined): number {
  if (row === undefined) return 0;
  return row.kind === "span" ? row.span.depth : row.depth;
}
