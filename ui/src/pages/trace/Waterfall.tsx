import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

import { formatDuration } from "../../lib/formatDuration";
import { ticks } from "../../model/ticks";
import { type TimeWindow, percentAt } from "../../model/trace";
import { LogLine } from "./LogLine";
import { SpanLine } from "./SpanLine";
import type { WaterfallState } from "./useWaterfall";
import styles from "./Waterfall.module.css";

/** Fixed, so that 50 000 rows are placed by multiplication and never measured. Also `--nunchi-row`. */
const ROW_HEIGHT_PX = 28;

interface WaterfallProps {
  waterfall: WaterfallState;
  window: TimeWindow;
  openKey: string;
}

/** The spans as bars over time, of which only the visible ones are in the page. */
export function Waterfall({ waterfall, window, openKey }: WaterfallProps) {
  const { rows, active } = waterfall;
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- rows are read from it on every render, nothing is memoised
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 16,
  });
  useEffect(() => {
    if (active >= 0) virtualizer.scrollToIndex(active, { align: "auto" });
  }, [virtualizer, active]);
  return (
    <div className={styles.frame}>
      <TimeAxis window={window} />
      <div
        ref={scroller}
        className={styles.scroller}
        role="treegrid"
        aria-label="Spans and log lines"
        aria-rowcount={rows.length}
        aria-activedescendant={active >= 0 ? rowId(active) : undefined}
        tabIndex={0}
        data-testid="waterfall"
      >
        <div className={styles.canvas} role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const place = { id: rowId(index), index, top: start, active: index === active, open: row.key === openKey };
            return row.kind === "span" ? (
              <SpanLine key={row.key} node={row} place={place} window={window} waterfall={waterfall} />
            ) : (
              <LogLine key={row.key} node={row} place={place} window={window} onChoose={() => waterfall.choose(row)} />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Where a row stands in the page, and how it stands out. */
export interface RowPlace {
  id: string;
  index: number;
  /** Pixels from the top of all rows. */
  top: number;
  active: boolean;
  open: boolean;
}

function rowId(index: number): string {
  return `waterfall-row-${index}`;
}

function TimeAxis({ window }: { window: TimeWindow }) {
  return (
    <div className={styles.axis} aria-hidden="true">
      <div className={styles.axisName}>Service and operation</div>
      <div className={styles.axisTime}>
        {ticks(window).map((at) => (
          <span key={at} className={styles.tick} style={{ left: `${percentAt(at, window)}%` }}>
            {formatDuration(at)}
          </span>
        ))}
      </div>
    </div>
  );
}
