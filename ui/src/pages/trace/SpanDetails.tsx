import { Link } from "@tanstack/react-router";

import type { Span, SpanEvent, SpanLink } from "../../api/types";
import { AttributeTable } from "../../components/AttributeTable";
import type { FilterTarget } from "../../components/FilterLink";
import { ServiceName } from "../../components/ServiceName";
import { TelemetryText } from "../../components/TelemetryText";
import { formatCount, formatCounted, formatShare } from "../../lib/formatCount";
import { formatDuration } from "../../lib/formatDuration";
import { type SpanNode, isError } from "../../model/trace";
import { markWords } from "./marks";
import styles from "./SpanDetails.module.css";

/** Events and links drawn; a span with more says so. */
const PARTS_SHOWN = 100;

const TARGET: FilterTarget = { to: "/traces", question: { selector: "", q: "" } };

/** One span with everything its sender said. */
export function SpanDetails({ node: { span, logs, path } }: { node: SpanNode }) {
  return (
    <div data-testid="span-details" data-span-id={span.span_id}>
      <h3 className={styles.name}>
        <TelemetryText text={span.name} form="block" />
      </h3>
      <p className={styles.facts}>
        <ServiceName service={span.service} />
        <span>{span.kind}</span>
        <strong>{formatDuration(span.duration_ns)}</strong>
        <span>+{formatDuration(span.start_offset_ns)}</span>
        {logs.length > 0 && <span>{formatCounted(logs.length, "log record")}</span>}
        {path !== undefined && (
          <span data-testid="path-share">
            self time on the critical path {formatDuration(path.selfNanos)}, {formatShare(path.share, 1)} of it
          </span>
        )}
      </p>
      <Status span={span} />
      {markWords(span.marks).map(({ word, meaning }) => (
        <p key={word} className={styles.mark}>
          <strong>{word}</strong>
          {meaning !== "" && `: ${meaning}`}
        </p>
      ))}
      <Events events={span.events ?? []} dropped={span.dropped_events_count} />
      <AttributeTable title="Attributes" attributes={span.attributes} filter={{ of: "record", target: TARGET }} dropped={span.dropped_attributes_count} />
      <AttributeTable title="Resource" attributes={span.resource} filter={{ of: "resource", target: TARGET }} />
      <Links links={span.links ?? []} dropped={span.dropped_links_count} />
      <AttributeTable title="Span" attributes={spanFields(span)} />
      <AttributeTable title="Scope attributes" attributes={span.scope.attributes} />
    </div>
  );
}

function Status({ span }: { span: Span }) {
  const { code, message = "" } = span.status;
  if (code === "unset" && message === "") return null;
  return (
    <p className={isError(span) ? styles.bad : styles.good}>
      <strong>status {code}</strong>
      {message !== "" && (
        <>
          {": "}
          <TelemetryText text={message} form="block" />
        </>
      )}
    </p>
  );
}

function Events({ events, dropped }: { events: readonly SpanEvent[]; dropped: number }) {
  if (events.length === 0 && dropped === 0) return null;
  return (
    <section>
      <h3 className={styles.heading}>Events</h3>
      {events.slice(0, PARTS_SHOWN).map((event, index) => (
        <details key={index} className={styles.part} open={events.length === 1}>
          <summary>
            +{formatDuration(event.offset_ns)} <TelemetryText text={event.name} />
          </summary>
          <AttributeTable title="Event attributes" attributes={event.attributes} dropped={event.dropped_attributes_count} />
        </details>
      ))}
      <LeftOut shown={events.length} dropped={dropped} what="event" />
    </section>
  );
}

function Links({ links, dropped }: { links: readonly SpanLink[]; dropped: number }) {
  if (links.length === 0 && dropped === 0) return null;
  return (
    <section>
      <h3 className={styles.heading}>Links to other traces</h3>
      {links.slice(0, PARTS_SHOWN).map((link, index) => (
        <div key={index} className={styles.part}>
          <LinkTarget link={link} />
          <AttributeTable title="Link attributes" attributes={link.attributes} dropped={link.dropped_attributes_count} />
        </div>
      ))}
      <LeftOut shown={links.length} dropped={dropped} what="link" />
    </section>
  );
}

/** A link whose ids were not valid leads nowhere. */
function LinkTarget({ link: { trace_id: traceId, span_id: spanId } }: { link: SpanLink }) {
  if (traceId === "") return <em>to no valid trace id</em>;
  return (
    <>
      <Link to="/trace/$traceId" params={{ traceId }} search={{ open: spanId }} data-testid="span-link">
        trace {traceId}
      </Link>{" "}
      span <code>{spanId}</code>
    </>
  );
}

function LeftOut({ shown, dropped, what }: { shown: number; dropped: number; what: string }) {
  return (
    <>
      {shown > PARTS_SHOWN && <p className={styles.note}>and {formatCount(shown - PARTS_SHOWN)} more, by `nunchi trace`</p>}
      {dropped > 0 && <p className={styles.note}>{formatCounted(dropped, what)} left out by the sender</p>}
    </>
  );
}

function spanFields(span: Span): Record<string, string> {
  const { scope, trace_state: traceState = "" } = span;
  return {
    "span id": span.span_id,
    ...(span.parent_span_id !== undefined && { "parent span id": span.parent_span_id }),
    ...(scope.name !== "" && { scope: scope.version === "" ? scope.name : `${scope.name} ${scope.version}` }),
    ...(traceState !== "" && { "trace state": traceState }),
    flags: String(span.flags),
    started: span.start_time,
  };
}
