// A journey as a row of steps: each trace in order of time, and before it what leads to it.

import type { JourneyAnswer, JourneyHop, JourneyTrace } from "../api/types";

/** Hops from one trace through one queue: a batch is one wait. */
export interface Wait {
  /** The queue's name; empty for a link that is not about a message, or a queue that has no name. */
  queue: string;
  isQueue: boolean;
  kind: string;
  hops: number;
  /** The shortest and the longest, nanoseconds; absent where an end has not arrived. */
  least?: number | undefined;
  most?: number | undefined;
  /** Of the least sure of them. */
  confidence: number;
  evidence: string[];
}

export interface Step {
  trace: JourneyTrace;
  waits: Wait[];
}

/** Facts of a wait that are told; a batch has as many as messages. */
const FACTS_MAX = 5;

/** Traces in order of time. Hops within a trace stand before it, too: the queue is part of its story. */
export function journeySteps(journey: JourneyAnswer): Step[] {
  const into = new Map<string, JourneyHop[]>();
  for (const hop of journey.hops) {
    const hops = into.get(hop.to.trace_id);
    if (hops === undefined) into.set(hop.to.trace_id, [hop]);
    else hops.push(hop);
  }
  return journey.traces.map((trace) => ({ trace, waits: waitsOf(into.get(trace.trace_id) ?? []) }));
}

/** Whether there is more to show than one trace. */
export function isJourney({ traces, hops, missing, not_followed }: JourneyAnswer): boolean {
  return traces.length > 1 || hops.length > 0 || (missing ?? []).length > 0 || (not_followed ?? []).length > 0;
}

function waitsOf(hops: readonly JourneyHop[]): Wait[] {
  const waits = new Map<string, Wait>();
  for (const hop of hops) {
    const queue = hop.queue?.destination ?? hop.queue?.system ?? "";
    const key = JSON.stringify([hop.from.trace_id, hop.kind, hop.queue !== undefined, queue]);
    const wait = waits.get(key);
    if (wait === undefined) {
      waits.set(key, {
        queue,
        isQueue: hop.queue !== undefined,
        kind: hop.kind,
        hops: 1,
        least: hop.waiting_ns,
        most: hop.waiting_ns,
        confidence: hop.confidence,
        evidence: hop.evidence.slice(0, FACTS_MAX),
      });
    } else {
      wait.hops += 1;
      wait.confidence = Math.min(wait.confidence, hop.confidence);
      if (hop.waiting_ns !== undefined) {
        wait.least = Math.min(wait.least ?? hop.waiting_ns, hop.waiting_ns);
        wait.most = Math.max(wait.most ?? hop.waiting_ns, hop.waiting_ns);
      }
      wait.evidence.push(...hop.evidence.slice(0, FACTS_MAX - wait.evidence.length));
    }
  }
  return [...waits.values()];
}
