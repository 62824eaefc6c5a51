import { expect, test } from "vitest";

import type { JourneyAnswer, JourneyHop } from "../api/types";
import { isJourney, journeySteps } from "./journey";

const trace = (id: string) => ({
  trace_id: id,
  distance: 0,
  depth: 0,
  start_time: "2026-11-24T06:00:00Z",
  duration_ns: 1,
  span_count: 1,
  error_count: 0,
  repair_count: 0,
  services: [],
});

const hop = (from: string, to: string, more: Partial<JourneyHop> = {}): JourneyHop => ({
  kind: "link",
  from: { trace_id: from, span_id: "1" },
  to: { trace_id: to, span_id: "1" },
  evidence: ["a fact"],
  confidence: 0.97,
  ...more,
});

const journey = (more: Partial<JourneyAnswer>): JourneyAnswer => ({
  trace_id: "a",
  start_time: "2026-11-24T06:00:00Z",
  duration_ns: 1,
  traces: [trace("a"), trace("b")],
  hops: [],
  coverage: {} as JourneyAnswer["coverage"],
  ...more,
});

test("hops stand before the trace they lead to, and a batch is one wait", () => {
  const queue = { destination: "orders" };
  const hops = [
    hop("a", "b", { queue, waiting_ns: 5 }),
    hop("a", "b", { queue, waiting_ns: -3, confidence: 0.5 }),
    hop("a", "b", { queue }),
    hop("x", "b"),
  ];
  const [first, second] = journeySteps(journey({ hops }));
  expect(first?.waits).toEqual([]);
  const facts = ["a fact", "a fact", "a fact"];
  expect(second?.waits).toEqual([
    { queue: "orders", isQueue: true, kind: "link", hops: 3, least: -3, most: 5, confidence: 0.5, evidence: facts },
    { queue: "", isQueue: false, kind: "link", hops: 1, least: undefined, most: undefined, confidence: 0.97, evidence: ["a fact"] },
  ]);
});

test("one trace that leads nowhere is no journey", () => {
  const alone = { traces: [trace("a")] };
  expect(isJourney(journey(alone))).toBe(false);
  expect(isJourney(journey({}))).toBe(true);
  expect(isJourney(journey({ ...alone, hops: [hop("a", "a")] }))).toBe(true);
  expect(isJourney(journey({ ...alone, missing: [{ trace_id: "b", distance: 1 }] }))).toBe(true);
  expect(isJourney(journey({ ...alone, not_followed: [{ trace_id: "b", distance: 1 }] }))).toBe(true);
});
