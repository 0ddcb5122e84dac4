import type { TunnelState } from "#state/document.ts";
import { table } from "../table.ts";
import type { Page } from "../terminal.ts";

/** Tunnel interfaces, one a line. */
export function tunnelTable(tunnels: Readonly<Record<string, TunnelState>>, page?: Page): string {
  return table(
    Object.entries(tunnels),
    [
      { title: "TUNNEL", cell: ([name]) => name },
      { title: "CLIENT", cell: ([, tunnel]) => tunnel.client },
      {
        title: "STATE",
        cell: ([, tunnel]) => tunnel.state,
        tone: ([, tunnel]) => (tunnel.state === "up" ? "good" : "bad"),
      },
      { title: "MTU", cell: ([, tunnel]) => tunnel.mtu, align: "right" },
      { title: "ADDRESSES", cell: ([, tunnel]) => tunnel.addresses.join(", ") },
    ],
    page,
  );
}
