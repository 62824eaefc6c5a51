import { Button } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";

import type { LogRecord } from "../../api/types";
import { formatCount } from "../../lib/formatCount";
import type { Question } from "../../model/filter";
import styles from "./LogList.module.css";
import { LogRow } from "./LogRow";

const ROW_HEIGHT_PX = 26;
/** Rows from the end at which the next page is asked for. */
const LOAD_AHEAD_ROWS = 40;
/** Records kept in the page; whoever scrolls further back than this is better served by a narrower question. */
const RECORDS_MAX = 50_000;

interface LogListProps {
  logs: readonly LogRecord[];
  question: Question;
  more: "available" | "loading" | "none";
  loadMore: () => void;
}

/** The records, of which only the visible ones are in the page. */
export function LogList({ logs, question, more, loadMore }: LogListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [expanded, setExpanded] = useState<ReadonlySet<LogRecord>>(new Set());
  // eslint-disable-next-line react-hooks/incompatible-library -- rows are read from it on every render, nothing is memoised
  const virtualizer = useVirtualizer({
    count: logs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 12,
  });
  const rows = virtualizer.getVirtualItems();
  const full = logs.length >= RECORDS_MAX;
  const nearEnd = (rows.at(-1)?.index ?? 0) >= logs.length - LOAD_AHEAD_ROWS;
  const ask = nearEnd && more === "available" && !full;
  useEffect(() => {
    if (ask) loadMore();
  }, [ask, loadMore]);

  const toggle = (record: LogRecord) => {
    const next = new Set(expanded);
    if (!next.delete(record)) next.add(record);
    setExpanded(next);
  };
  return (
    <div ref={scroller} className={styles.scroller} role="region" aria-label="Log records, newest first" tabIndex={0} data-testid="log-list">
      <div className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
        {rows.map(({ index, key, start }) => {
          const record = logs[index];
          return record === undefined ? null : (
            <div key={key} ref={virtualizer.measureElement} data-index={index} className={styles.placed} style={{ transform: `translateY(${start}px)` }}>
              <LogRow record={record} question={question} expanded={expanded.has(record)} onToggle={() => toggle(record)} />
            </div>
          );
        })}
      </div>
      <div className={styles.end}>
        {full && `${formatCount(logs.length)} records are shown: narrow the question to see older ones`}
        {!full && more === "loading" && "Loading older records…"}
        {!full && more === "available" && (
          <Button variant="default" size="xs" onClick={loadMore}>
            Load older records
          </Button>
        )}
        {more === "none" && "No older records in this time range"}
      </div>
    </div>
  );
}
