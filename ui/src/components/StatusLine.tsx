import { useStatus } from "../api/useStatus";
import type { SignalStatus, StatusAnswer } from "../api/types";
import { formatBytes } from "../lib/formatBytes";
import { formatCompact, formatCounted } from "../lib/formatCount";
import { formatAge } from "../lib/formatTime";
import { parseInstant } from "../model/time";
import styles from "./StatusLine.module.css";

/** The line at the foot: is the server well, and how fresh is what it holds? */
export function StatusLine() {
  const { data: status, error, dataUpdatedAt } = useStatus();
  return (
    <footer className={styles.line} data-testid="status-line">
      {error !== null ? (
        <span className={styles.bad}>The server does not say how it is: {error.message}</span>
      ) : (
        status !== undefined && <Told status={status} nowMillis={dataUpdatedAt} />
      )}
    </footer>
  );
}

function Told({ status, nowMillis }: { status: StatusAnswer; nowMillis: number }) {
  const newest = newestRecord(status.signals);
  return (
    <>
      <span className={status.state === "ready" ? styles.good : styles.bad}>Server {status.state}</span>
      {status.signals.map((signal) => (
        <span key={signal.signal}>
          {signal.signal} {formatCompact(signal.records)}
        </span>
      ))}
      <span>{newest === undefined ? "nothing received since start" : `newest record ${formatAge(newest, nowMillis)}`}</span>
      {warnings(status).map((warning) => (
        <span key={warning} className={styles.bad}>
          {warning}
        </span>
      ))}
      <span className={styles.end}>
        {status.memory_rss_bytes > 0 && `memory ${formatBytes(status.memory_rss_bytes)} · `}
        ack after {status.durability} · Nunchi {status.version}
      </span>
    </>
  );
}

function newestRecord(signals: readonly SignalStatus[]): string | undefined {
  const times = signals.flatMap(({ newest_record: time }) => (time === undefined ? [] : [{ time, at: parseInstant(time) ?? 0n }]));
  return times.reduce<(typeof times)[number] | undefined>((best, one) => (best === undefined || one.at > best.at ? one : best), undefined)?.time;
}

/** What an operator must not have to go looking for. */
function warnings({ wal, disk, signals }: StatusAnswer): string[] {
  const rejected = signals.reduce((sum, signal) => sum + signal.rejected, 0);
  const marked = signals.reduce((sum, signal) => sum + signal.marked, 0);
  return [
    ...(wal.poisoned ? ["the disk failed a write: nothing is accepted until a restart"] : []),
    ...(disk.full ? ["the disk is full: nothing is accepted until there is room"] : []),
    ...(disk.read_only ? ["the disk is read-only: nothing is accepted until it can be written"] : []),
    ...(wal.damaged_frames > 0 ? [`${formatCounted(wal.damaged_frames, "damaged frame")} in quarantine`] : []),
    ...(rejected > 0 ? [`${formatCounted(rejected, "record")} refused`] : []),
    ...(marked > 0 ? [`${formatCounted(marked, "record")} cut or repaired on arrival`] : []),
  ];
}
