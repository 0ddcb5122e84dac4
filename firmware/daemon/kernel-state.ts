/**
 * Gathers what the engines want in the kernel, clients' intents and IKE's SAs, and keeps the data plane to it. Bytes that
 * must not leave before the kernel is ready wait here. It decides nothing: `flexvpn/compose.ts` says what follows from what.
 */
import type { DesiredState, SecurityAssociation } from "#dataplane/desired.ts";
import type { DataPlane, DataPlaneFault } from "#dataplane/port.ts";
import type { TunnelIntent } from "#flexvpn/actions.ts";
import type { Path } from "#ike/connection.ts";
import type { SessionId } from "#ike/inputs.ts";
import type { MonotonicMs } from "#lib/duration.ts";

export interface HeldSa {
  readonly session: SessionId;
  readonly sa: SecurityAssociation;
  readonly installedAt: MonotonicMs;
}

type Compose = (intents: readonly TunnelIntent[], sas: readonly HeldSa[]) => DesiredState;

export class KernelState {
  readonly #dataPlane: DataPlane;
  readonly #compose: Compose;
  readonly #report: (faults: readonly DataPlaneFault[]) => void;
  readonly #intents = new Map<string, TunnelIntent>();
  readonly #sas = new Map<string, HeldSa>();
  #retired: SecurityAssociation[] = [];
  #isDirty = false;
  #hasNewSas = false;
  #pending: Promise<void> | undefined;
  /** The last of those under way that bring SAs. */
  #pendingSas: Promise<void> | undefined;
  #desired: DesiredState | undefined;

  /** @param report hears what the kernel refused, once for each time it was tried. */
  constructor(
    dataPlane: DataPlane,
    compose: Compose,
    report: (faults: readonly DataPlaneFault[]) => void,
  ) {
    this.#dataPlane = dataPlane;
    this.#compose = compose;
    this.#report = report;
  }

  /** What was last asked of the kernel. */
  get desired(): DesiredState | undefined {
    return this.#desired;
  }

  get securityAssociations(): readonly HeldSa[] {
    return [...this.#sas.values()];
  }

  plan(intent: TunnelIntent): void {
    this.#intents.set(intent.client, intent);
    this.#isDirty = true;
  }

  dropPlan(client: string): void {
    this.#isDirty = this.#intents.delete(client) || this.#isDirty;
  }

  install(session: SessionId, sa: SecurityAssociation, installedAt: MonotonicMs): void {
    this.#sas.set(keyOf(sa.spi, sa.direction), { session, sa, installedAt });
    this.#hasNewSas = true;
    this.#isDirty = true;
  }

  /** The SA goes, and its keys with it once the kernel has let go of it. */
  remove(spi: number, direction: "in" | "out"): void {
    const held = this.#sas.get(keyOf(spi, direction));
    if (!held) return;
    this.#sas.delete(keyOf(spi, direction));
    this.#retired.push(held.sa);
    this.#isDirty = true;
  }

  /** The outer addresses of these SAs are now those of `path`. */
  move(spis: readonly number[], path: Path): void {
    for (const [key, { sa, ...held }] of this.#sas) {
      if (!spis.includes(sa.spi)) continue;
      const [source, destination] =
        sa.direction === "out" ? [path.local, path.remote] : [path.remote, path.local];
      this.#sas.set(key, { ...held, sa: { ...sa, source, destination } });
      this.#isDirty = true;
    }
  }

  /** Brings the kernel up to date, if anything changed since the last time. */
  flush(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const desired = this.#compose([...this.#intents.values()], this.securityAssociations);
    const retired = this.#retired;
    this.#retired = [];
    this.#desired = desired;
    const before = this.#pending;
    const applied = this.#dataPlane.apply(desired).then(async (faults) => {
      await before;
      for (const sa of retired) wipeKeys(sa);
      if (this.#pending === applied) this.#pending = undefined;
      if (this.#pendingSas === applied) this.#pendingSas = undefined;
      if (faults.length > 0) this.#report(faults);
    });
    this.#pending = applied;
    if (this.#hasNewSas) this.#pendingSas = applied;
    this.#hasNewSas = false;
  }

  /** Runs `act` when the SAs installed so far are in the kernel: at once when none is under way. */
  afterSas(act: () => void): void {
    if (this.#hasNewSas) this.flush();
    if (!this.#pendingSas) act();
    else void this.#pendingSas.then(act);
  }

  /** Wipes every key; the data plane has been closed before. */
  wipe(): void {
    for (const { sa } of this.#sas.values()) wipeKeys(sa);
    for (const sa of this.#retired) wipeKeys(sa);
    this.#sas.clear();
    this.#retired = [];
  }
}

function keyOf(spi: number, direction: "in" | "out"): string {
  return `${direction} ${spi}`;
}

function wipeKeys(sa: SecurityAssociation): void {
  sa.encryption.key.wipe();
  sa.integrity?.key.wipe();
}
