import { CloseButton } from "@mantine/core";
import { useMemo } from "react";

import { LogDetails } from "../../components/LogDetails";
import type { TraceLayout, WaterfallRow } from "../../model/trace";
import styles from "./RowPanel.module.css";
import { SpanDetails } from "./SpanDetails";

interface RowPanelProps {
  layout: TraceLayout;
  openKey: string;
  onClose: () => void;
}

const NO_QUESTION = { selector: "", q: "" };

/** The details of the open row, beside the waterfall. */
export function RowPanel({ layout, openKey, onClose }: RowPanelProps) {
  const row = useMemo(() => findRow(layout, openKey), [layout, openKey]);
  if (row === undefined) return null;
  const title = row.kind === "span" ? "Span details" : "Log record details";
  return (
    <aside className={styles.panel} aria-label={title} tabIndex={0} data-testid="row-panel">
      <div className={styles.head}>
        <h2>{title}</h2>
        <CloseButton size="sm" aria-label="Close details" onClick={onClose} />
      </div>
      {row.kind === "span" ? (
        <SpanDetails key={row.key} node={row} />
      ) : (
        <LogDetails key={row.key} record={row.record} target={{ to: "/logs", question: NO_QUESTION }} traceLink="omitted" />
      )}
    </aside>
  );
}

function findRow(layout: TraceLayout, key: string): WaterfallRow | undefined {
  if (key === "") return undefined;
  for (const node of layout.spans) {
    if (node.key === key) return node;
    const log = node.logs.find((candidate) => candidate.key === key);
    if (log !== undefined) return log;
  }
  return undefined;
}
