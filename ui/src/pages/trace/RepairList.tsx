import { useState } from "react";

import type { Repair } from "../../api/types";
import { TelemetryText } from "../../components/TelemetryText";
import { formatCount, formatCounted } from "../../lib/formatCount";
import styles from "./Disclosure.module.css";
import { SpanButtons } from "./SpanButtons";

/** Repairs drawn before the reader asks for more. */
const REPAIRS_STEP = 50;

/** What stitching changed or added, with its evidence. Nothing when the trace arrived whole. */
export function RepairList({ repairs, onOpen }: { repairs: readonly Repair[]; onOpen: (spanKey: string) => void }) {
  const [shown, setShown] = useState(REPAIRS_STEP);
  if (repairs.length === 0) return null;
  return (
    <details className={styles.disclosure} data-testid="repairs">
      <summary>
        {formatCounted(repairs.length, "repair")}: {kindsInWords(repairs)}
      </summary>
      <ul className={styles.list}>
        {repairs.slice(0, shown).map((repair, index) => (
          <li key={index} data-testid="repair" data-kind={repair.kind}>
            <OneRepair repair={repair} onOpen={onOpen} />
          </li>
        ))}
      </ul>
      {repairs.length > shown && (
        <button type="button" className={styles.more} onClick={() => setShown(shown + REPAIRS_STEP)}>
          {formatCount(repairs.length - shown)} more
        </button>
      )}
    </details>
  );
}

function OneRepair({ repair, onOpen }: { repair: Repair; onOpen: (spanKey: string) => void }) {
  return (
    <>
      <p>
        <strong>{inWords(repair.kind)}</strong> <span className={styles.dim}>{confidenceInWords(repair.confidence)}</span>
      </p>
      <dl className={styles.facts}>
        <dt>Arrived</dt>
        <dd>
          <TelemetryText text={repair.before} form="block" />
        </dd>
        <dt>Shown</dt>
        <dd>
          <TelemetryText text={repair.after} form="block" />
        </dd>
        <dt>Method</dt>
        <dd>
          <TelemetryText text={repair.method} form="block" />
        </dd>
        <dt>Evidence</dt>
        <dd>
          {repair.evidence.map((fact, index) => (
            <div key={index}>
              <TelemetryText text={fact} form="block" />
            </div>
          ))}
        </dd>
        <dt>Spans</dt>
        <dd>
          <SpanButtons ids={repair.span_ids} onOpen={onOpen} />
        </dd>
      </dl>
    </>
  );
}

function kindsInWords(repairs: readonly Repair[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of repairs) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count === 1 ? inWords(kind) : `${formatCount(count)} × ${inWords(kind)}`)).join(", ");
}

function inWords(kind: string): string {
  return kind.replaceAll("_", " ");
}

function confidenceInWords(confidence: number): string {
  const word = confidence >= 0.95 ? "certain" : confidence >= 0.75 ? "likely" : confidence >= 0.5 ? "plausible" : "a guess";
  return `${word}, confidence ${Math.round(confidence * 100)} %`;
}
