import { useNavigate, useSearch } from "@tanstack/react-router";

import type { Coverage, LogsAnswer } from "../../api/types";
import { useLogs } from "../../api/useLogs";
import { Answer } from "../../components/Answer";
import { CoverageLine } from "../../components/CoverageLine";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Loading } from "../../components/Loading";
import page from "../../components/Page.module.css";
import { QueryForm, SelectorInput, TextQueryInput } from "../../components/QueryForm";
import { useDraft } from "../../components/useDraft";
import { type LogsState, printSearch } from "../../urlState";
import { LogList } from "./LogList";

/** Log search: newest first, as far back as the reader scrolls. */
export function LogsPage() {
  const state = useSearch({ from: "/logs" });
  const navigate = useNavigate({ from: "/logs" });
  const [draft, change] = useDraft(state);
  return (
    <div className={page.page}>
      <title>Logs · Nunchi</title>
      <h1 className={page.title}>Logs</h1>
      <QueryForm onSubmit={() => void navigate({ search: draft })}>
        <SelectorInput value={draft.selector} onChange={(selector) => change({ selector })} />
        <TextQueryInput value={draft.q} onChange={(q) => change({ q })} placeholder={'timeout OR "connection refused" NOT healthz'} />
      </QueryForm>
      <Found state={state} />
    </div>
  );
}

function Found({ state }: { state: LogsState }) {
  const { data, error, isPending, isPlaceholderData, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useLogs(state);
  if (isPending) return <Loading what="log records" />;
  const logs = data?.pages.flatMap((answer) => answer.logs) ?? [];
  return (
    <Answer stale={isPlaceholderData}>
      {error !== null && <ErrorPanel error={error} onRetry={() => void (logs.length > 0 ? fetchNextPage() : refetch())} />}
      {error === null && logs.length === 0 && (
        <EmptyState title="No log record matches in this time range">
          <p>Try a longer time range, or fewer words.</p>
        </EmptyState>
      )}
      {logs.length > 0 && (
        <LogList
          // Another question starts at its newest record again.
          key={printSearch({ ...state })}
          logs={logs}
          question={{ selector: state.selector, q: state.q }}
          more={hasNextPage ? (isFetchingNextPage ? "loading" : "available") : "none"}
          loadMore={() => void fetchNextPage()}
        />
      )}
      {data !== undefined && <CoverageLine coverage={coverageOf(data.pages)} what="records" />}
    </Answer>
  );
}

/** The newest page speaks for all, but the rows are counted over all, and a page that was partial is not forgotten. */
function coverageOf(pages: readonly LogsAnswer[]): Coverage {
  const [first, ...rest] = pages.map((answer) => answer.coverage);
  if (first === undefined) throw new Error("an infinite query has at least one page");
  return rest.reduce(
    (sum, next) => ({
      ...next,
      complete: sum.complete && next.complete,
      notes: [...new Set([...(sum.notes ?? []), ...(next.notes ?? [])])],
      rows_returned: sum.rows_returned + next.rows_returned,
      blocks_failed: Math.max(sum.blocks_failed, next.blocks_failed),
    }),
    first,
  );
}
