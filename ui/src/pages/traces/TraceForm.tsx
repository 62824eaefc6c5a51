import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";

import { QueryForm, SelectorInput, TextQueryInput } from "../../components/QueryForm";
import { useDraft } from "../../components/useDraft";
import { readDurationInput } from "../../model/duration";
import { TRACE_LIMITS, TRACE_STATUSES, type TracesState, readTraces } from "../../urlState";
import styles from "./TraceForm.module.css";

interface TraceFormProps {
  state: TracesState;
  onSearch: (state: TracesState) => void;
  onTraceId: (traceId: string) => void;
}

const STATUS_WORDS: Record<TracesState["status"], string> = { "": "any", error: "error", ok: "ok", unset: "unset" };

/** What to look for. A trace id in the text query opens that trace. */
export function TraceForm({ state, onSearch, onTraceId }: TraceFormProps) {
  const [draft, change] = useDraft(state);
  const [checked, setChecked] = useState(false);
  const shortest = readDuration(draft.min_duration);
  const longest = readDuration(draft.max_duration);
  const submit = () => {
    setChecked(true);
    const traceId = draft.q.trim().toLowerCase();
    if (/^[0-9a-f]{32}$/.test(traceId)) onTraceId(traceId);
    else if (shortest !== undefined && longest !== undefined) onSearch({ ...draft, min_duration: shortest, max_duration: longest });
  };
  const complaint = "such as 250ms or 1.5s";
  return (
    <QueryForm onSubmit={submit}>
      <SelectorInput value={draft.selector} onChange={(selector) => change({ selector })} />
      <TextQueryInput value={draft.q} onChange={(q) => change({ q })} placeholder="http.route:/checkout, or a trace id" />
      <TextInput label="Service" className={styles.name} value={draft.service} onChange={(event) => change({ service: event.currentTarget.value })} />
      <TextInput label="Operation" className={styles.name} value={draft.operation} onChange={(event) => change({ operation: event.currentTarget.value })} />
      <TextInput
        label="At least"
        placeholder="250ms"
        className={styles.short}
        value={draft.min_duration}
        onChange={(event) => change({ min_duration: event.currentTarget.value })}
        error={checked && shortest === undefined && complaint}
      />
      <TextInput
        label="At most"
        placeholder="2s"
        className={styles.short}
        value={draft.max_duration}
        onChange={(event) => change({ max_duration: event.currentTarget.value })}
        error={checked && longest === undefined && complaint}
      />
      <NativeSelect
        label="Status"
        className={styles.short}
        value={draft.status}
        data={TRACE_STATUSES.map((value) => ({ value, label: STATUS_WORDS[value] }))}
        onChange={(event) => change(readStatus(event.currentTarget.value))}
      />
      <NativeSelect
        label="Limit"
        className={styles.short}
        value={draft.limit}
        data={[...TRACE_LIMITS]}
        onChange={(event) => change(readLimit(event.currentTarget.value))}
      />
    </QueryForm>
  );
}

/** Nothing typed is no bound; undefined is something that is no duration. */
function readDuration(input: string): string | undefined {
  return input.trim() === "" ? "" : readDurationInput(input);
}

function readStatus(status: string): Pick<TracesState, "status"> {
  return { status: readTraces({ status }).status };
}

function readLimit(limit: string): Pick<TracesState, "limit"> {
  return { limit: readTraces({ limit }).limit };
}
