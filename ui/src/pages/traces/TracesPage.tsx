import { useNavigate, useSearch } from "@tanstack/react-router";

import { useTraces } from "../../api/useTraces";
import { Answer } from "../../components/Answer";
import { CoverageLine } from "../../components/CoverageLine";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Loading } from "../../components/Loading";
import page from "../../components/Page.module.css";
import { TraceForm } from "./TraceForm";
import { TraceTable } from "./TraceTable";

/** Trace search: newest first. */
export function TracesPage() {
  const state = useSearch({ from: "/traces" });
  const navigate = useNavigate({ from: "/traces" });
  const { data, error, isPending, isPlaceholderData, refetch } = useTraces(state);
  return (
    <div className={page.page}>
      <title>Traces · Nunchi</title>
      <h1 className={page.title}>Traces</h1>
      <TraceForm
        state={state}
        onSearch={(search) => void navigate({ search })}
        onTraceId={(traceId) => void navigate({ to: "/trace/$traceId", params: { traceId } })}
      />
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {isPending && <Loading what="traces" />}
      {error === null && data !== undefined && (
        <Answer stale={isPlaceholderData}>
          {data.traces.length === 0 ? (
            <EmptyState title="No trace matches in this time range">
              <p>Try a longer time range, or fewer conditions. A trace can be opened by its id whatever its time: put the id in the text query.</p>
            </EmptyState>
          ) : (
            <TraceTable traces={data.traces} />
          )}
          <CoverageLine coverage={data.coverage} what="traces" />
        </Answer>
      )}
    </div>
  );
}
