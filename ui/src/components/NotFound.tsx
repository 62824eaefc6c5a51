import { Link } from "@tanstack/react-router";

import { EmptyState } from "./EmptyState";
import page from "./Page.module.css";

/** An address that is no page. */
export function NotFound() {
  return (
    <div className={page.page}>
      <h1 className={page.title}>No such page</h1>
      <EmptyState title="There is no page at this address">
        <p>
          <Link to="/">See the services</Link>
        </p>
      </EmptyState>
    </div>
  );
}
