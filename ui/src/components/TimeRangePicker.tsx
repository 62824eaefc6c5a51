import { Button, Popover, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";

import { formatTime } from "../lib/formatTime";
import { RELATIVE_RANGES, type TimeRange, describeRange, readTimeInput } from "../model/timeRange";
import { readRange } from "../urlState";
import { Icon } from "./Icon";
import styles from "./TimeRangePicker.module.css";

/** The one time range, shared by every page through the address. */
export function TimeRangePicker() {
  const range = readRange(useSearch({ strict: false }));
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const choose = (chosen: TimeRange) => {
    setOpened(false);
    void navigate({ to: ".", search: (search) => ({ ...search, ...chosen }) });
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<Icon name="clock" />} onClick={() => setOpened(!opened)} data-testid="time-range">
          {describeRange(range)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Time range" data-testid="time-range-picker">
        <Choices range={range} choose={choose} />
      </Popover.Dropdown>
    </Popover>
  );
}

interface ChoicesProps {
  range: TimeRange;
  choose: (range: TimeRange) => void;
}

function Choices({ range, choose }: ChoicesProps) {
  return (
    <div className={styles.choices}>
      <div className={styles.presets}>
        {RELATIVE_RANGES.map(({ from, label }) => {
          const current = from === range.from && range.to === "";
          return (
            <Button key={from} size="xs" variant={current ? "light" : "subtle"} aria-pressed={current} justify="start" onClick={() => choose({ from, to: "" })}>
              {label}
            </Button>
          );
        })}
      </div>
      <AbsoluteRange range={range} choose={choose} />
    </div>
  );
}

function AbsoluteRange({ range, choose }: ChoicesProps) {
  const [from, setFrom] = useState(formatTime(range.from, "second"));
  const [to, setTo] = useState(formatTime(range.to === "" ? "now" : range.to, "second"));
  const [checked, setChecked] = useState(false);
  const fromTime = readTimeInput(from);
  const toTime = readTimeInput(to);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (fromTime !== undefined && toTime !== undefined) choose({ from: fromTime, to: toTime === "now" ? "" : toTime });
  };
  const complaint = "not a time: try now-30m or 2026-11-23 10:00";
  return (
    <form onSubmit={submit} className={styles.absolute}>
      <TextInput label="From" size="xs" value={from} onChange={(event) => setFrom(event.currentTarget.value)} error={checked && fromTime === undefined && complaint} />
      <TextInput label="To" size="xs" value={to} onChange={(event) => setTo(event.currentTarget.value)} error={checked && toTime === undefined && complaint} />
      <p className={styles.hint}>
        <code>now-30m</code>, <code>2026-11-23 10:00</code> in your time zone, or RFC 3339
      </p>
      <Button type="submit" size="xs">
        Apply
      </Button>
    </form>
  );
}
