import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { ApiError } from "../../api/http";
import type { TraceAnswer } from "../../api/types";
import { useTrace } from "../../api/useTrace";
import { CoverageLine } from "../../components/CoverageLine";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Loading } from "../../components/Loading";
import page from "../../components/Page.module.css";
import { TelemetryText } from "../../components/TelemetryText";
import { layOutTrace } from "../../model/trace";
import { JourneyStrip } from "./JourneyStrip";
import { LooseLogs } from "./LooseLogs";
import { Nearby } from "./Nearby";
import { RemarkList } from "./RemarkList";
import { RepairList } from "./RepairList";
import { RowPanel } from "./RowPanel";
import { ShiftList } from "./ShiftList";
import { TraceHeader } from "./TraceHeader";
import styles from "./TracePage.module.css";
import { useWaterfall } from "./useWaterfall";
import { Waterfall } from "./Waterfall";

/** One trace as a story: its spans, its log lines in place, what was repaired, and whose services they are. */
export function TracePage() {
  const { traceId } = useParams({ from: "/trace/$traceId" });
  const { view } = useSearch({ from: "/trace/$traceId" });
  const { data, error, isPending, refetch } = useTrace(traceId, view);
  return (
    <div className={page.page}>
      <title>{`Trace ${traceId.slice(0, 8)} · Nunchi`}</title>
      {isPending && <Loading what="the trace" />}
      {error !== null && <Failed traceId={traceId} error={error} onRetry={() => void refetch()} />}
      {error === null && data !== undefined && <Story key={data.trace_id} answer={data} />}
    </div>
  );
}

function Failed({ traceId, error, onRetry }: { traceId: string; error: Error; onRetry: () => void }) {
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <>
      <h1 className={page.title}>
        Trace <TelemetryText text={traceId} />
      </h1>
      {!missing && <ErrorPanel error={error} onRetry={onRetry} />}
      {missing && (
        <EmptyState title="This trace is not here">
          <p>
            Neither a span nor a log record with this trace id has arrived. It may still be on its way, have been sampled out, or be older than what
            is kept.
          </p>
        </EmptyState>
      )}
    </>
  );
}

function Story({ answer }: { answer: TraceAnswer }) {
  const state = useSearch({ from: "/trace/$traceId" });
  const navigate = useNavigate({ from: "/trace/$traceId" });
  const layout = useMemo(() => layOutTrace(answer), [answer]);
  const open = (key: string) => void navigate({ search: (search) => ({ ...search, open: key }), replace: true });
  const waterfall = useWaterfall({ layout, logs: state.logs, path: state.path, openKey: state.open, open });
  return (
    <div className={styles.columns}>
      <div className={styles.story}>
        <TraceHeader answer={answer} layout={layout} state={state} waterfall={waterfall} />
        <JourneyStrip traceId={answer.trace_id} />
        <RepairList repairs={answer.repairs} onOpen={waterfall.reveal} />
        <RemarkList remarks={answer.remarks} onOpen={waterfall.reveal} />
        <ShiftList shifts={answer.shifts} />
        <LooseLogs logs={layout.looseLogs} />
        {layout.spans.length > 0 ? (
          <Waterfall waterfall={waterfall} window={layout.window} openKey={state.open} />
        ) : (
          <EmptyState title="No span of this trace has arrived: only log records name it" />
        )}
        <Nearby traceId={answer.trace_id} />
        <CoverageLine coverage={answer.coverage} what="rows" />
      </div>
      <RowPanel layout={layout} openKey={state.open} onClose={() => open("")} />
    </div>
  );
}
