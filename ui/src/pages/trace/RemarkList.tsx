import type { Remark } from "../../api/types";
import { TelemetryText } from "../../components/TelemetryText";
import { formatCount, formatCounted } from "../../lib/formatCount";
import styles from "./Disclosure.module.css";
import { SpanButtons } from "./SpanButtons";

/** Remarks drawn; `nunchi trace --repairs` has them all. */
const REMARKS_SHOWN = 50;

/** What looks wrong and was left as it arrived. Nothing when nothing does. */
export function RemarkList({ remarks, onOpen }: { remarks: readonly Remark[]; onOpen: (spanKey: string) => void }) {
  if (remarks.length === 0) return null;
  return (
    <details className={styles.disclosure} data-testid="remarks">
      <summary>{formatCounted(remarks.length, "thing looks", "things look")} wrong and stayed as it arrived</summary>
      <ul className={styles.list}>
        {remarks.slice(0, REMARKS_SHOWN).map((remark, index) => (
          <li key={index} data-testid="remark" data-kind={remark.kind}>
            <p>
              <strong>{inWords(remark.kind)}</strong> <span className={styles.dim}>not repaired</span>
            </p>
            <dl className={styles.facts}>
              <dt>Noticed</dt>
              <dd>
                <TelemetryText text={remark.noticed} form="block" />
              </dd>
              <dt>Left since</dt>
              <dd>{REASONS[remark.reason] ?? inWords(remark.reason)}</dd>
              <dt>Evidence</dt>
              <dd>
                {remark.evidence.map((fact, at) => (
                  <div key={at}>
                    <TelemetryText text={fact} form="block" />
                  </div>
                ))}
              </dd>
              <dt>Spans</dt>
              <dd>
                <SpanButtons ids={remark.span_ids} onOpen={onOpen} />
              </dd>
            </dl>
          </li>
        ))}
        {remarks.length > REMARKS_SHOWN && <li>and {formatCount(remarks.length - REMARKS_SHOWN)} more, by `nunchi trace --repairs`</li>}
      </ul>
    </details>
  );
}

const REASONS: Readonly<Record<string, string>> = {
  unknown_host: "the spans do not say on which host they ran",
  too_little_evidence: "too little tells whether a clock is off",
  contradiction: "no one offset of the clocks explains it",
  beyond_limit: "the offset is larger than one trace is trusted with",
  not_waited_for: "the clocks are known, and nobody waited for these spans",
};

function inWords(word: string): string {
  return word.replaceAll("_", " ");
}
