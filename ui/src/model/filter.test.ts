import { expect, test } from "vitest";

import { type AttributeFilter, type Question, narrow, serviceQuestion } from "./filter";

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
    asked: { selector: "app=web,squad=pay", q: "status:500 timeout" },
    filter: { of: "resource", key: "squad", value: "pay" },
    narrowed: { selector: "app=web,squad=pay", q: "status:500 timeout" },
  },
  {
    name: "a resource value that is no label value becomes a term",
    filter: { of: "resource", key: "service.name", value: "my service" },
    narrowed: { selector: "", q: 'service.name:"my service"' },
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
    name: "a word of the grammar is quoted",
    filter: { of: "record", key: "word", value: "OR" },
    narrowed: { selector: "", q: 'word:"OR"' },
  },
  { name: "an array cannot be asked for", filter: { of: "record", key: "list", value: [1, 2] }, narrowed: undefined },
  { name: "a key with a space cannot be asked for", filter: { of: "record", key: "my key", value: "x" }, narrowed: undefined },
];

test.each(CASES)("$name", ({ asked, filter, narrowed }) => {
  expect(narrow({ selector: "", q: "", ...asked }, filter)).toEqual(narrowed);
});

test("a service is chosen by its name", () => {
  expect(serviceQuestion("checkout")).toEqual({ selector: "service.name=checkout", q: "" });
});
