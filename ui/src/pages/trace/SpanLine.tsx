import { useMemo } from "react";

import { Icon } from "../../components/Icon";
import { serviceColor, ServiceName } from "../../components/ServiceName";
import { TelemetryText } from "../../components/TelemetryText";
import { formatCount, formatCounted } from "../../lib/formatCount";
import { formatDuration } from "../../lib/formatDuration";
import { severityLevel } from "../../lib/severity";
import { type Extent, type LogNode, type PathShare, type SpanNode, type TimeWindow, barExtent, hasChildren, isError, logMarkers, pathExtents } from "../../model/trace";
import { indentOf, levelsBeyond } from "./indent";
import { isPhantom, markWords } from "./marks";
import type { WaterfallState } from "./useWaterfall";
import styles from "./Waterfall.module.css";
import type { RowPlace } from "./Waterfall";

interface SpanLineProps {
  node: SpanNode;
  place: RowPlace;
  window: TimeWindow;
  waterfall: WaterfallState;
}

/** One span: its place in the tree, and its bar. */
export function SpanLine({ node, place, window, waterfall }: SpanLineProps) {
  const { span } = node;
  const collapsed = waterfall.collapsed.has(node.key);
  return (
    <div
      id={place.id}
      className={styles.row}
      style={{ transform: `translateY(${place.top}px)` }}
      role="row"
      aria-rowindex={place.index + 1}
      aria-level={span.depth + 1}
      aria-expanded={hasChildren(node) ? !collapsed : undefined}
      aria-selected={place.open}
      data-active={place.active}
      data-testid="span-row"
      data-span-id={span.span_id}
      data-service={span.service}
      data-error={isError(span)}
      data-marks={span.marks?.join(" ")}
      data-on-path={node.path !== undefined && waterfall.path === "shown"}
      onClick={() => waterfall.choose(node)}
    >
      <div className={styles.name} role="gridcell" style={{ paddingLeft: indentOf(span.depth) }}>
        <Toggle node={node} collapsed={collapsed} onToggle={() => waterfall.toggle(node)} />
        {levelsBeyond(span.depth) > 0 && (
          <span className={styles.deeper} title={`level ${formatCount(span.depth + 1)}`}>
            ⋯+{formatCount(levelsBeyond(span.depth))}
          </span>
        )}
        <NameOf node={node} collapsed={collapsed} />
      </div>
      <div className={styles.time} role="gridcell">
        <Bar node={node} window={window} path={waterfall.path === "shown" ? node.path : undefined} />
      </div>
    </div>
  );
}

function NameOf({ node: { span, subtreeEnd, index, errorsBelow }, collapsed }: { node: SpanNode; collapsed: boolean }) {
  return (
    <>
      <span className={styles.service}>
        <ServiceName service={span.service} />
      </span>
      <span className={styles.operation} data-phantom={isPhantom(span)}>
        <TelemetryText text={span.name} />
      </span>
      {isError(span) && <span className={styles.error}>error</span>}
      {markWords(span.marks).map(({ word, meaning }) => (
        <span key={word} className={styles.badge} title={meaning}>
          {word}
        </span>
      ))}
      {collapsed && (
        <span className={styles.below}>
          {formatCount(subtreeEnd - index - 1)} below
          {errorsBelow > 0 && `, ${formatCounted(errorsBelow, "error")}`}
        </span>
      )}
    </>
  );
}

/** For the pointer; the keys are on the grid, so the button is no extra stop for Tab. */
function Toggle({ node, collapsed, onToggle }: { node: SpanNode; collapsed: boolean; onToggle: () => void }) {
  if (!hasChildren(node)) return <span className={styles.toggle} />;
  return (
    <button
      type="button"
      className={styles.toggle}
      tabIndex={-1}
      aria-label={collapsed ? "expand" : "collapse"}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      <Icon name={collapsed ? "right" : "down"} size={12} />
    </button>
  );
}

function Bar({ node: { span, logs }, window, path }: { node: SpanNode; window: TimeWindow; path: PathShare | undefined }) {
  const extent = barExtent(span, window);
  const room = path === undefined ? LABEL_ROOM : LABEL_ROOM_ON_PATH;
  return (
    <>
      <span
        className={styles.bar}
        data-phantom={isPhantom(span)}
        data-negative={span.duration_ns < 0}
        data-error={isError(span)}
        style={{ left: `${extent.left}%`, width: `${extent.width}%`, ["--bar" as string]: serviceColor(span.service) }}
      />
      <span className={styles.duration} style={labelPlace(extent, room)} data-inside={extent.left <= room && extent.left + extent.width >= 100 - room}>
        {formatDuration(span.duration_ns)}
        {path !== undefined && <span className={styles.selfTime}> · self {formatDuration(path.selfNanos)}</span>}
      </span>
      <PathStrips path={path} window={window} />
      <Markers logs={logs} window={window} />
    </>
  );
}

/** Where the critical path goes through the bar. The self time beside the bar says it in words. */
function PathStrips({ path, window }: { path: PathShare | undefined; window: TimeWindow }) {
  const extents = useMemo(() => pathExtents(path?.sections ?? [], window), [path, window]);
  return extents.map(({ left, width }) => <span key={left} className={styles.path} style={{ left: `${left}%`, width: `${width}%` }} />);
}

function Markers({ logs, window }: { logs: readonly LogNode[]; window: TimeWindow }) {
  return logMarkers(logs, window).map(({ left, count, severityNumber }) => (
    <span
      key={left}
      className={styles.marker}
      style={{ left: `${left}%` }}
      data-level={severityLevel(severityNumber)}
      title={`${formatCounted(count, "log record")}, up to ${severityLevel(severityNumber)}`}
    />
  ));
}

/** Percent of the width that a duration needs beside its bar. */
const LABEL_ROOM = 10;
/** The same with a self time. */
const LABEL_ROOM_ON_PATH = 25;

/** The duration stands after the bar, else before it, else on its end. */
function labelPlace({ left, width }: Extent, room: number): { left: string } | { right: string } {
  const end = left + width;
  if (end < 100 - room) return { left: `${end}%` };
  return { right: `${100 - (left > room ? left : end)}%` };
}
