/** The firewall between two states: everything that either protects, so that no packet escapes while routes change. */
import type { Firewall } from "./desired.ts";

type KillSwitch = Firewall["killSwitch"][number];

/**
 * The rules to have while routes change from those of `actual` to those of `desired`: the desired ones, and of the old ones
 * the kill switches of networks, and translations of tunnels, that are to go. When nothing is to go it is `desired`.
 */
export function transitionalFirewall(actual: Firewall | undefined, desired: Firewall): Firewall {
  if (!actual) return desired;
  const isKept = ({ tunnel }: { tunnel: string }) =>
    !desired.nat.some((rule) => rule.tunnel === tunnel);
  const hasMss = ({ tunnel }: { tunnel: string }) =>
    !desired.mss.some((rule) => rule.tunnel === tunnel);
  return {
    nat: [...desired.nat, ...actual.nat.filter(isKept)],
    killSwitch: mergeKillSwitches(actual.killSwitch, desired.killSwitch),
    mss: [...desired.mss, ...actual.mss.filter(hasMss)],
  };
}

/** True when both say the same rules in the same order. */
export function sameFirewall(a: Firewall, b: Firewall): boolean {
  return canonical(a) === canonical(b);
}

/** One entry a client, two where they hold in different ways; both old and new tunnels may carry its traffic meanwhile, nothing else may. */
function mergeKillSwitches(
  actual: readonly KillSwitch[],
  desired: readonly KillSwitch[],
): readonly KillSwitch[] {
  const stillNeeded = new Set(desired.flatMap(({ networks }) => networks));
  const merged = desired.flatMap((entry) => {
    const old = actual.find(({ client }) => client === entry.client);
    const leaving = old?.networks.filter((network) => !stillNeeded.has(network)) ?? [];
    if (!old || leaving.length === 0) return [entry];
    const allowed = [...new Set([...entry.allowed, ...old.allowed])];
    // What was held only in passing is not to be held for the router itself now that it goes.
    if (old.forwardedOnly !== entry.forwardedOnly)
      return [
        { ...entry, allowed },
        { ...old, networks: leaving, allowed },
      ];
    return [{ ...entry, networks: [...entry.networks, ...leaving], allowed }];
  });
  const gone = actual.filter(({ client }) => !desired.some((entry) => entry.client === client));
  return [...merged, ...gone];
}

/** Text that is equal for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  );
}
