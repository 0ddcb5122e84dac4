/** What a WAN of the appliance says of the dialer that makes it: its interface, that it is always wanted, its rank. */
import type { Problems } from "./problems.ts";
import { FIRST_METRIC } from "./resolve-system.ts";
import type { FileConfig } from "./schema.ts";
import type { FileDialer } from "./schema-dialer.ts";

export type CompleteDialer = FileDialer & { readonly metric: number };

/** Of a dialer's default route: every other way is preferred. */
const LAST_METRIC = 4096;

/**
 * A dialer that makes a WAN and that no client, and nothing else, demands is dialled for good: that is what a WAN is for.
 * One that a client names stays a backup, dialled on demand.
 */
export function completeDialers(
  { dialers, system, clients }: Pick<FileConfig, "dialers" | "system" | "clients">,
  problems: Problems,
): Record<string, CompleteDialer> {
  const backups = new Set(Object.values(clients).map((client) => client.dialer));
  const entries = Object.entries(dialers).map(([name, dialer]): [string, CompleteDialer] => {
    const port = dialer.pppoe?.interface;
    const owner = system?.wan.find(({ device }) => device !== undefined && device === port);
    if (owner && owner.interface !== port)
      problems.error(
        ["dialers", name, "pppoe", "interface"],
        `is called ${owner.interface} here, as system.wan says (name it so)`,
      );
    const index = system?.wan.findIndex((wan) => wan.dialer === name) ?? -1;
    const wan = system?.wan[index];
    if (!wan) return [name, { ...dialer, metric: dialer.metric ?? LAST_METRIC }];
    const isNamedByUs = dialer.pppd !== undefined || dialer.pppoe !== undefined;
    const known = dialer.interface ?? (isNamedByUs ? wan.interface : undefined);
    if (known !== undefined && known !== wan.interface)
      problems.error(
        ["system", "wan", index, "interface"],
        `dialer ${name} makes ${known} (name it so, or leave interface out of the dialer)`,
      );
    const isAlways = dialer.demand === undefined && !backups.has(name);
    return [
      name,
      {
        ...dialer,
        ...(known !== undefined && { interface: known }),
        ...(isAlways && { demand: "always" }),
        metric: dialer.metric ?? FIRST_METRIC * (index + 1),
      },
    ];
  });
  return Object.fromEntries(entries);
}
