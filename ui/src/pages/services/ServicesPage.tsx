import { useNavigate, useSearch } from "@tanstack/react-router";

import { useServices } from "../../api/useServices";
import { Answer } from "../../components/Answer";
import { CoverageLine } from "../../components/CoverageLine";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Loading } from "../../components/Loading";
import { QueryForm, SelectorInput } from "../../components/QueryForm";
import page from "../../components/Page.module.css";
import { useDraft } from "../../components/useDraft";
import { ServiceTable } from "./ServiceTable";

/** Who is out there: every service heard from in the range. */
export function ServicesPage() {
  const state = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const [draft, change] = useDraft(state);
  const { data, error, isPending, isPlaceholderData, refetch } = useServices(state);
  return (
    <div className={page.page}>
      <title>Services · Nunchi</title>
      <h1 className={page.title}>Services</h1>
      <QueryForm onSubmit={() => void navigate({ search: draft })}>
        <SelectorInput value={draft.selector} onChange={(selector) => change({ selector })} />
      </QueryForm>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {isPending && <Loading what="services" />}
      {error === null && data !== undefined && (
        <Answer stale={isPlaceholderData}>
          {data.services.length === 0 ? <NoServices selected={state.selector !== ""} /> : <ServiceTable services={data.services} state={state} />}
          <CoverageLine coverage={data.coverage} what="services" />
        </Answer>
      )}
    </div>
  );
}

function NoServices({ selected }: { selected: boolean }) {
  return (
    <EmptyState title={selected ? "No service matches in this time range" : "No service was heard from in this time range"}>
      {selected ? (
        <p>Try a longer time range, or loosen the selector.</p>
      ) : (
        <p>
          Try a longer time range, or send OpenTelemetry to <code>127.0.0.1:4317</code> (gRPC) or <code>:4318</code> (HTTP).
        </p>
      )}
    </EmptyState>
  );
}
