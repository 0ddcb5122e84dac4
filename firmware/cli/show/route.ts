import type { RouteState } from "#state/document.ts";
import { table } from "../table.ts";
import type { Page } from "../terminal.ts";

/** Routes that the daemon put into the kernel, one a line. */
export function routeTable(routes: readonly RouteState[], page?: Page): string {
  return table(
    routes,
    [
      { title: "DESTINATION", cell: (route) => route.destination },
      { title: "GATEWAY", cell: (route) => route.gateway },
      { title: "DEVICE", cell: (route) => route.device },
      { title: "METRIC", cell: (route) => route.metric, align: "right" },
      { title: "CLIENT", cell: (route) => route.client },
    ],
    page,
  );
}
