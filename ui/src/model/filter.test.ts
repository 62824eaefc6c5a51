import { expect, test } from "vitest";

import { type AttributeFilter, type Question, narrow } from "./filter";

interface Case {
  name: string;
  asked?: Partial<Question>;
  filter: AttributeFilter;
  narrowed: Question | undefined;
}

const CASES: Case[] = [
  {
    name: "a resource attribute narrows the selector",
    filter: { of: "resource", key: "k8s.pod.name", value: "web-7d9f-x2k" },
    narrowed: { selector: "k8s.pod.name=web-7d9f-x2k", q: "" },
  },
  {
    name: "each alternative of the selector is narrowed",
    asked: { selector: "app=web || app=api,tier=front" },
    filter: { of: "resource", key: "squad", value: "pay" },
    narrowed: { selector: "app=web,squad=pay || app=api,tier=front,squad=pay", q: "" },
  },
  {
    name: "what is asked already is not asked twice",
    asked: { selector: "app=web,squad=pay", q: "timeout" },
    filter: { of: "resource", key: "squad", value: "pay" },
    narrowed: { selector: "app=web,squad=pay", q: "timeout" },
  },
  {
    name: "what is asked already in the text is not asked twice",
    asked: { q: "retry:true timeout" },
    filter: { of: "record", key: "retry", value: true },
    narrowed: { selector: "", q: "retry:true timeout" },
  },
  {
    name: "what is only an alternative is asked for",
    asked: { q: "retry:true OR timeout" },
    filter: { of: "record", key: "retry", value: true },
    narrowed: { selector: "", q: "(retry:true OR timeout) retry:true" },
  },
  {
    name: "a resource value that is no label value is quoted",
    asked: { selector: 'host.name="a,b || \\"c"' },
    filter: { of: "resource", key: "service.name", value: 'my "service"' },
    narrowed: { selector: 'host.name="a,b || \\"c",service.name="my \\"service\\""', q: "" },
  },
  {
    name: "a resource key that is no label key becomes a term",
    filter: { of: "resource", key: "my key", value: "x" },
    narrowed: { selector: "", q: '"my key":x' },
  },
  {
    name: "an empty value is said as such",
    filter: { of: "resource", key: "squad", value: "" },
    narrowed: { selector: 'squad=""', q: "" },
  },
  {
    name: "a record attribute becomes a term",
    asked: { q: "timeout" },
    filter: { of: "record", key: "http.response.status_code", value: 500 },
    narrowed: { selector: "", q: "timeout http.response.status_code:500" },
  },
  {
    name: "an OR in the query is put in parentheses",
    asked: { q: "timeout OR refused" },
    filter: { of: "record", key: "retry", value: true },
    narrowed: { selector: "", q: "(timeout OR refused) retry:true" },
  },
  {
    name: "quotes and backslashes in a value are escaped",
    filter: { of: "record", key: "path", value: 'C:\\a "b"' },
    narrowed: { selector: "", q: 'path:"C:\\\\a \\"b\\""' },
  },
  {
    name: "a pattern, a prefix and a comparison are quoted",
    filter: { of: "record", key: "route", value: "/a*/" },
    narrowed: { selector: "", q: 'route:"/a*/"' },
  },
  {
    name: "a negative number is a value",
    filter: { of: "record", key: "balance", value: -1.5 },
    narrowed: { selector: "", q: "balance:-1.5" },
  },
  { name: "an array cannot be asked for", filter: { of: "record", key: "list", value: [1, 2] }, narrowed: undefined },
  { name: "an attribute with the name of the text cannot be asked for", filter: { of: "record", key: "message", value: "x" }, narrowed: undefined },
];

test.each(CASES)("$name", ({ asked, filter, narrowed }) => {
  expect(narrow({ selector: "", q: "", ...asked }, filter)).toEqual(narrowed);
});
