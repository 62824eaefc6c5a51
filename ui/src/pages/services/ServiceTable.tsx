import { Link } from "@tanstack/react-router";

import type { ServiceSummary } from "../../api/types";
import { ServiceName } from "../../components/ServiceName";
import { TelemetryText } from "../../components/TelemetryText";
import { Time } from "../../components/Time";
import { showControlCharacters } from "../../lib/controlCharacters";
import { formatCount, formatCounted, formatShare } from "../../lib/formatCount";
import { formatDuration } from "../../lib/formatDuration";
import { type Question, andQuery } from "../../model/filter";
import { serviceQuestion, sharedNames } from "../../model/service";
import type { ServicesState } from "../../urlState";
import { COLUMNS, type Column, sortServices } from "./columns";
import styles from "./ServiceTable.module.css";

/** Rows drawn at once; more than anyone reads, and few enough for a table without tricks. */
const ROWS_MAX = 1_000;

/** The services as a table that can be sorted by any column. */
export function ServiceTable({ services, state }: { services: readonly ServiceSummary[]; state: ServicesState }) {
  const sorted = sortServices(services, state.sort, state.order).slice(0, ROWS_MAX);
  const shared = sharedNames(services);
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Services">
      <table className={styles.table} data-testid="service-table">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <SortableHeader key={column.sort} column={column} state={state} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((service) => (
            <ServiceRow key={rowKey(service)} service={service} question={serviceQuestion(service, shared)} />
          ))}
        </tbody>
      </table>
      {services.length > ROWS_MAX && (
        <p>
          The first {formatCount(ROWS_MAX)} of {formatCount(services.length)} services; a selector shows the others.
        </p>
      )}
    </div>
  );
}

function SortableHeader({ column: { sort, title, kind }, state }: { column: Column; state: ServicesState }) {
  const sorted = state.sort === sort;
  const first = kind === "word" ? "asc" : "desc";
  const next = !sorted ? first : state.order === "asc" ? "desc" : "asc";
  const direction = state.order === "asc" ? "ascending" : "descending";
  return (
    <th scope="col" data-kind={kind} aria-sort={sorted ? direction : "none"}>
      <Link to="/" search={{ ...state, sort, order: next }} replace>
        {title}
        <span aria-hidden="true">{sorted ? (state.order === "asc" ? " ↑" : " ↓") : ""}</span>
      </Link>
    </th>
  );
}

function ServiceRow({ service: row, question }: { service: ServiceSummary; question: Question }) {
  return (
    <tr data-testid="service-row" data-service={row.service}>
      <th scope="row">
        <Link to="/traces" search={question} title="traces of this service">
          <ServiceName service={row.service} />
        </Link>
      </th>
      <Word text={row.namespace} />
      <Word text={row.environment} />
      <Word text={row.squad} />
      <td>{formatCount(row.instances)}</td>
      <td>{formatCount(row.requests)}</td>
      <td>{row.errors === 0 ? "0" : <ErrorTraces row={row} question={question} />}</td>
      <td>{row.requests === 0 ? "–" : formatShare(row.errors, row.requests)}</td>
      <td>{row.duration_p50_ns === undefined ? "–" : formatDuration(row.duration_p50_ns)}</td>
      <td>{row.duration_p99_ns === undefined ? "–" : formatDuration(row.duration_p99_ns)}</td>
      <td>
        <Link to="/traces" search={question} aria-label={`${formatCounted(row.spans, "span")}: traces of ${spoken(row)}`}>
          {formatCount(row.spans)}
        </Link>
      </td>
      <td>
        <Link to="/logs" search={question} aria-label={`${formatCounted(row.logs, "log")} of ${spoken(row)}`}>
          {formatCount(row.logs)}
        </Link>
      </td>
      <td>{row.error_logs === 0 ? "0" : <ErrorLogs row={row} question={question} />}</td>
      <td>
        <Time at={row.last_seen} precision="second" />
      </td>
    </tr>
  );
}

function ErrorTraces({ row, question }: { row: ServiceSummary; question: Question }) {
  return (
    <Link to="/traces" search={{ ...question, status: "error" }} className={styles.bad} aria-label={`${formatCounted(row.errors, "error")}: failed traces of ${spoken(row)}`}>
      {formatCount(row.errors)}
    </Link>
  );
}

function ErrorLogs({ row, question }: { row: ServiceSummary; question: Question }) {
  return (
    <Link to="/logs" search={{ ...question, q: andQuery(question.q, "severity_number>=17") }} className={styles.bad} aria-label={`${formatCounted(row.error_logs, "error log")} of ${spoken(row)}`}>
      {formatCount(row.error_logs)}
    </Link>
  );
}

function Word({ text }: { text: string | undefined }) {
  return <td data-kind="word">{text === undefined ? "–" : <TelemetryText text={text} />}</td>;
}

/** The name in a label, where only a screen reader meets it. */
function spoken({ service }: ServiceSummary): string {
  return showControlCharacters(service, "line");
}

function rowKey({ service, namespace, environment }: ServiceSummary): string {
  return JSON.stringify([service, namespace, environment]);
}
