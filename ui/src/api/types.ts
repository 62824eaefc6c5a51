// The bodies of the native API by name. `schema.ts` is generated from the server's OpenAPI document (`npm run types`);
// this file says what that document cannot.

import type { components } from "./schema";

/** Attributes as JSON: string, number, boolean, array, object or, for bytes, `{"base64": "…"}`. */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue };
export type Attributes = Record<string, AttributeValue>;

/** A body as it is sent: what is absent is left out, never null; free-form objects are attributes; a log body is anything. */
type Sent<T> = unknown extends T
  ? AttributeValue
  : T extends (infer Item)[]
    ? Sent<Item>[]
    : T extends object
      ? string extends keyof T
        ? Attributes
        : { [Key in keyof T]: Key extends "body" ? AttributeValue : Sent<Exclude<T[Key], null>> }
      : T;

type Schemas = components["schemas"];

export type Coverage = Sent<Schemas["Coverage"]>;
export type CriticalPath = Sent<Schemas["CriticalPath"]>;
export type ErrorBody = Sent<Schemas["ErrorBody"]>;
export type Exemplar = Sent<Schemas["Exemplar"]>;
export type HostShift = Sent<Schemas["HostShift"]>;
export type JourneyAnswer = Sent<Schemas["JourneyAnswer"]>;
export type JourneyHop = Sent<Schemas["JourneyHop"]>;
export type JourneyTrace = Sent<Schemas["JourneyTrace"]>;
export type LogRecord = Sent<Schemas["LogRecord"]>;
export type LogsAnswer = Sent<Schemas["LogsAnswer"]>;
export type NearbyAnswer = Sent<Schemas["NearbyAnswer"]>;
export type NearbyMetric = Sent<Schemas["NearbyMetric"]>;
export type NearbyPod = Sent<Schemas["NearbyPod"]>;
export type PathSection = Sent<Schemas["PathSection"]>;
export type Remark = Sent<Schemas["Remark"]>;
export type Repair = Sent<Schemas["Repair"]>;
export type ServiceSummary = Sent<Schemas["ServiceSummary"]>;
export type ServicesAnswer = Sent<Schemas["ServicesAnswer"]>;
export type SignalStatus = Sent<Schemas["SignalStatus"]>;
export type Span = Sent<Schemas["Span"]>;
export type SpanEvent = Sent<Schemas["SpanEvent"]>;
export type SpanLink = Sent<Schemas["SpanLink"]>;
export type StatusAnswer = Sent<Schemas["StatusAnswer"]>;
export type TraceAnswer = Sent<Schemas["TraceAnswer"]>;
export type TraceService = Sent<Schemas["TraceService"]>;
export type TraceSummary = Sent<Schemas["TraceSummary"]>;
export type TracesAnswer = Sent<Schemas["TracesAnswer"]>;
