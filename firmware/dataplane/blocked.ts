/** Which changes must not be tried after others failed, so that what worked before goes on working. Pure. */
import { prefixContains } from "#lib/ip.ts";
import type { ActualState, Change } from "./change.ts";
import type { Firewall, Route } from "./desired.ts";

/**
 * True when `change` rests on one of `failed`, or would remove what has to stand in for it.
 * @param state what is in the kernel after the changes that succeeded.
 */
export function isBlocked(change: Change, failed: readonly Change[], state: ActualState): boolean {
  if (failed.length === 0) return false;
  switch (change.kind) {
    case "add-address":
    case "remove-address":
      return lacksTunnel(change.tunnel, failed);
    case "set-policy": {
      const { direction, ifId, template } = change.policy;
      return direction === "out" && failed.some((other) => isNeeded(other, ifId, template.spi));
    }
    case "set-route":
      return lacksTunnel(change.route.device, failed) || failed.some(isNeededFirewall);
    case "remove-route":
      return failed.some((other) => isNeededFirewall(other) || isRouteAround(other, change.route));
    case "set-firewall":
      return failed.some(
        (other) => isFirewall(other) || (isRoute(other) && guardsLess(change.firewall, state)),
      );
    case "remove-policy":
      return failed.some(
        (other) => other.kind === "set-policy" && other.policy.ifId === change.policy.ifId,
      );
    case "remove-sa":
      return (
        state.policies.some(({ template }) => template.spi === change.sa.spi) ||
        failed.some((other) => other.kind === "add-sa" && other.sa.client === change.sa.client)
      );
    case "remove-tunnel":
      return state.routes.some(({ device }) => device === change.tunnel.name);
    case "add-tunnel":
    case "change-tunnel":
    case "add-sa":
    case "update-sa":
    case "move-sa":
      return false;
  }
}

function lacksTunnel(name: string | undefined, failed: readonly Change[]): boolean {
  return failed.some((other) => other.kind === "add-tunnel" && other.tunnel.name === name);
}

/** Traffic must not switch to an SA that is not there, nor to one whose answers could not be read. */
function isNeeded(change: Change, ifId: number, spi: number): boolean {
  if (change.kind !== "add-sa" && change.kind !== "move-sa") return false;
  if (change.ifId !== undefined) return change.ifId === ifId;
  return change.sa.direction === "out" && change.sa.spi === spi;
}

function isFirewall(change: Change): boolean {
  return change.kind === "set-firewall";
}

/** Routes can do without a firewall that neither guards nor translates. */
function isNeededFirewall(change: Change): boolean {
  if (change.kind !== "set-firewall") return false;
  return change.firewall.killSwitch.length + change.firewall.nat.length > 0;
}

/** True when some network is guarded now and would not be any more. */
function guardsLess(firewall: Firewall, state: ActualState): boolean {
  const guarded = new Set(firewall.killSwitch.flatMap(({ networks }) => networks));
  const now = state.firewall?.killSwitch.flatMap(({ networks }) => networks) ?? [];
  return now.some((network) => !guarded.has(network));
}

function isRoute(change: Change): boolean {
  return change.kind === "set-route" || change.kind === "remove-route";
}

/** A route that was to come for some or all of the addresses of `route`. */
function isRouteAround(change: Change, route: Route): boolean {
  if (change.kind !== "set-route") return false;
  const { destination } = change.route;
  return (
    prefixContains(destination, route.destination) || prefixContains(route.destination, destination)
  );
}
