/**
 * The kernel as data plane: XFRM, interfaces, addresses and routes over netlink, the firewall by nft. It owns the
 * knowledge of what is in the kernel and one queue of changes to it; what should be there, and the safe order, it is told.
 * Sources: linux/xfrm.h, `rtnetlink(7)`, `dataplane/reconcile.ts`.
 */
import { isBlocked } from "#dataplane/blocked.ts";
import { type ActualState, afterChange, type Change, nothing } from "#dataplane/change.ts";
import { type DesiredState, emptyFirewall } from "#dataplane/desired.ts";
import type {
  DataPlane,
  DataPlaneCounters,
  DataPlaneFault,
  DataPlaneNotification,
  SaCounters,
} from "#dataplane/port.ts";
import { reconcile } from "#dataplane/reconcile.ts";
import type { Log } from "#lib/log.ts";
import { ok, type Result } from "#lib/result.ts";
import { InterfaceEvents } from "./kernel-events.ts";
import { describe } from "./kernel-fault.ts";
import { type KernelSockets, openKernelSockets } from "./kernel-sockets.ts";
import { isOwnSa, readLeftovers, removeLeftSas } from "./leftovers.ts";
import type { NetlinkMessage } from "./netlink/codec.ts";
import { firewallCounters, removeFirewall } from "./nft/table.ts";
import { changeClass, type LinkIndexes, performChanges } from "./perform-changes.ts";
import { decodeSa, dumpSas, type SaStatus } from "./xfrm/codec.ts";
import { decodeNotification } from "./xfrm/notification-codec.ts";
import { message as xfrmMessage } from "./xfrm/uapi.ts";

/** The driver of the kernel that the process runs on, in the process's network namespace. */
export class KernelDataPlane implements DataPlane {
  readonly #log: Log;
  readonly #interfaces = new InterfaceEvents();
  readonly #listeners: ((notification: DataPlaneNotification) => void)[] = [];
  #sockets: KernelSockets | undefined;
  #actual: ActualState = nothing;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(log: Log) {
    this.#log = log;
  }

  adopt(): Promise<readonly DataPlaneFault[]> {
    return this.#enqueue(async () => {
      const sockets = this.#open();
      if (!sockets.ok) return [sockets.error];
      const faults = await removeLeftSas(sockets.value);
      const left = await readLeftovers(sockets.value);
      if (!left.ok) return [...faults, left.error];
      const { tunnels, routes, links } = left.value;
      this.#interfaces.resync(links);
      this.#actual = { ...nothing, tunnels, routes };
      if (tunnels.length + routes.length > 0)
        this.#log.info(`adopts ${tunnels.length} interfaces and ${routes.length} routes`);
      return faults;
    });
  }

  apply(desired: DesiredState): Promise<readonly DataPlaneFault[]> {
    return this.#enqueue(() => {
      const sockets = this.#open();
      return sockets.ok ? this.#perform(sockets.value, desired) : [sockets.error];
    });
  }

  /** The counters of SAs that the kernel has and this driver put there. */
  async counters(): Promise<DataPlaneCounters> {
    const [securityAssociations, firewall] = await Promise.all([
      this.#saCounters(),
      firewallCounters(),
    ]);
    return { securityAssociations, killSwitch: firewall.ok ? firewall.value.killSwitch : [] };
  }

  onNotification(listener: (notification: DataPlaneNotification) => void): void {
    this.#listeners.push(listener);
  }

  async close({ keepKillSwitch }: { readonly keepKillSwitch: boolean }): Promise<void> {
    const killSwitch = keepKillSwitch ? (this.#actual.firewall?.killSwitch ?? []) : [];
    const faults = await this.#enqueue(async () => {
      const sockets = this.#sockets;
      if (!sockets) return [];
      const { firewall } = this.#actual;
      const end = { ...nothing, firewall: { ...emptyFirewall, killSwitch } };
      // A firewall that was never set is left to `removeFirewall`.
      if (!firewall) this.#actual = { ...this.#actual, firewall: end.firewall };
      const refused = await this.#perform(sockets, end);
      // Traffic that found no SA made the kernel keep a place for one, with an id of ours.
      return [...refused, ...(await removeLeftSas(sockets))];
    });
    const removed = await removeFirewall({ keepKillSwitch });
    for (const fault of removed.ok ? faults : [...faults, removed.error])
      this.#log.warn(fault.what, { code: fault.code });
    this.#sockets?.close();
    this.#sockets = undefined;
  }

  #open(): Result<KernelSockets, DataPlaneFault> {
    if (this.#sockets) return ok(this.#sockets);
    const opened = openKernelSockets({
      route: (message) => this.#tell(this.#interfaces.read(message)),
      xfrm: (message) => this.#onXfrm(message),
      overflow: () => void this.#enqueue(() => this.#resync()),
    });
    if (opened.ok) this.#sockets = opened.value;
    return opened;
  }

  async #perform(
    sockets: KernelSockets,
    desired: DesiredState,
  ): Promise<readonly DataPlaneFault[]> {
    const failures: Change[] = [];
    const faults: DataPlaneFault[] = [];
    const indexes: LinkIndexes = new Map();
    for (const group of groupsOf(reconcile(this.#actual, desired))) {
      const ready = group.filter((change) => {
        const isReady = !isBlocked(change, failures, this.#actual);
        if (!isReady) failures.push(change);
        return isReady;
      });
      const outcomes = await performChanges(sockets, ready, indexes);
      if (ready.some(({ kind }) => kind === "add-tunnel" || kind === "remove-tunnel"))
        indexes.clear();
      for (const [index, change] of ready.entries()) {
        const outcome = outcomes[index];
        if (outcome?.isDone) this.#actual = afterChange(this.#actual, change);
        else failures.push(change);
        faults.push(...(outcome?.faults ?? []));
        this.#log.debug(() => `${outcome?.isDone ? "did" : "could not"} ${describe(change)}`);
      }
    }
    return faults;
  }

  async #saCounters(): Promise<readonly SaCounters[]> {
    const sas = await this.#ownSas();
    return sas.flatMap((status) => {
      const known = this.#actual.securityAssociations.find(
        (sa) => sa.spi === status.spi && sa.destination.address === status.destination,
      );
      if (!known) return [];
      const { spi, bytes, packets, replayDrops, integrityFailures, lastUsed } = status;
      const { direction } = known;
      return [{ spi, direction, bytes, packets, replayDrops, integrityFailures, lastUsed }];
    });
  }

  async #ownSas(): Promise<readonly SaStatus[]> {
    const found = await this.#sockets?.xfrm.dump(dumpSas(), ({ type, payload }) => {
      const status = type === xfrmMessage.newSa ? decodeSa(payload) : undefined;
      return status && isOwnSa(status) ? status : undefined;
    });
    return found?.ok ? found.value : [];
  }

  #onXfrm(message: NetlinkMessage): void {
    const notification = decodeNotification(message);
    if (notification?.kind !== "expire") {
      if (notification) this.#tell([notification]);
      return;
    }
    const expired = this.#actual.securityAssociations.find(({ spi }) => spi === notification.spi);
    // Places that the kernel kept for an SA that never came expire too.
    if (!expired) return;
    if (notification.hard)
      this.#actual = afterChange(this.#actual, { kind: "remove-sa", sa: expired, ifId: undefined });
    this.#tell([notification]);
  }

  /** Notifications were lost: reads interfaces and SAs anew and tells what is different. */
  async #resync(): Promise<void> {
    if (!this.#sockets) return;
    this.#log.warn("the kernel's notifications came too fast and some were lost: reads all anew");
    const left = await readLeftovers(this.#sockets);
    if (left.ok) {
      this.#tell(this.#interfaces.resync(left.value.links));
      this.#tell(left.value.links.map(({ name }) => ({ kind: "address", name }) as const));
    }
    const present = new Set((await this.#ownSas()).map(({ spi }) => spi));
    for (const sa of this.#actual.securityAssociations.filter(({ spi }) => !present.has(spi))) {
      this.#actual = afterChange(this.#actual, { kind: "remove-sa", sa, ifId: undefined });
      this.#tell([{ kind: "expire", spi: sa.spi, hard: true }]);
    }
  }

  #tell(notifications: readonly DataPlaneNotification[]): void {
    for (const notification of notifications)
      for (const listener of this.#listeners) listener(notification);
  }

  #enqueue<Value>(work: () => Promise<Value> | Value): Promise<Value> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** Neighbours that may go to the kernel together. */
function groupsOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last?.[0] && changeClass(last[0]) === changeClass(change)) last.push(change);
    else groups.push([change]);
  }
  return groups;
}
