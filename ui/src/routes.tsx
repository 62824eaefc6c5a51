import {
  type SearchSchemaInput,
  createRootRoute,
  createRoute,
  createRouter,
  retainSearchParams,
} from "@tanstack/react-router";

import { NotFound } from "./components/NotFound";
import { Shell } from "./components/Shell";
import { LogsPage } from "./pages/logs/LogsPage";
import { ServicesPage } from "./pages/services/ServicesPage";
import { TracePage } from "./pages/trace/TracePage";
import { TracesPage } from "./pages/traces/TracesPage";
import {
  type LogsState,
  type ServicesState,
  type TraceState,
  type TracesState,
  parseSearch,
  printSearch,
  readLogs,
  readRange,
  readServices,
  readTrace,
  readTraces,
} from "./urlState";
import type { TimeRange } from "./model/timeRange";

/** What a link may say: any part of a page's state, the rest is default. */
type Said<State> = Partial<State> & SearchSchemaInput;

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  validateSearch: (said: Said<TimeRange>) => readRange(said),
  // The time range goes along from page to page.
  search: { middlewares: [retainSearchParams(["from", "to"])] },
});

export const servicesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: ServicesPage,
  validateSearch: (said: Said<ServicesState>) => readServices(said),
});

export const logsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/logs",
  component: LogsPage,
  validateSearch: (said: Said<LogsState>) => readLogs(said),
});

export const tracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/traces",
  component: TracesPage,
  validateSearch: (said: Said<TracesState>) => readTraces(said),
});

export const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/trace/$traceId",
  component: TracePage,
  validateSearch: (said: Said<TraceState>) => readTrace(said),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([servicesRoute, logsRoute, tracesRoute, traceRoute]),
  parseSearch,
  stringifySearch: printSearch,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
