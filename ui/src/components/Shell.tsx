import { ActionIcon } from "@mantine/core";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";

import { refresh } from "../api/queryClient";
import { ColorSchemeSwitch } from "./ColorSchemeSwitch";
import { Icon } from "./Icon";
import { KeyHelp } from "./KeyHelp";
import { BusyLine } from "./Loading";
import styles from "./Shell.module.css";
import { StatusLine } from "./StatusLine";
import { TimeRangePicker } from "./TimeRangePicker";
import { useKeys } from "./useKeys";

/** What stands around every page: the way to the others, the time range, and how the server is doing. */
export function Shell() {
  useKeys({ "/": focusSearch });
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        Skip to content
      </a>
      <header className={styles.header}>
        <Link to="/" className={styles.brand}>
          Nunchi
        </Link>
        <nav aria-label="Pages" className={styles.nav}>
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
            Services
          </Link>
          <Link to="/logs" activeOptions={{ includeSearch: false }}>
            Logs
          </Link>
          <Link to="/traces" activeOptions={{ includeSearch: false }}>
            Traces
          </Link>
        </nav>
        <div className={styles.tools}>
          <TimeRangePicker />
          <RefreshButton />
          <ColorSchemeSwitch />
          <KeyHelp />
        </div>
      </header>
      <Busy />
      <main id="main" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <StatusLine />
    </div>
  );
}

function RefreshButton() {
  const client = useQueryClient();
  return (
    <ActionIcon variant="default" size="md" aria-label="Refresh" title="Refresh" onClick={() => void refresh(client)}>
      <Icon name="refresh" />
    </ActionIcon>
  );
}

function Busy() {
  const asking = useIsFetching({ predicate: (query) => query.queryKey[0] !== "status" });
  return <BusyLine busy={asking > 0} />;
}

function focusSearch(): boolean {
  const input = document.querySelector<HTMLInputElement>("main form input");
  if (input === null) return false;
  input.focus();
  return true;
}
