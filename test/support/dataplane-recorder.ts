/**
 * The data plane of tests: it installs nothing and remembers everything, in order. It behaves as the kernel would where
 * an engine can notice: an SPI exists once, lifetimes run out and are told, ESP passes only under the right keys.
 */
import type { DesiredState, SecurityAssociation } from "#dataplane/desired.ts";
import type {
  DataPlane,
  DataPlaneCounters,
  DataPlaneFault,
  DataPlaneNotification,
} from "#dataplane/port.ts";
import { seconds } from "#lib/duration.ts";
import type { SecretBytes } from "#lib/secret.ts";
import type { FakeClock, Planned } from "./fake-clock.ts";
import { isGenuineEsp, keysOf, virtualEsp } from "./virtual-hub/child-sa.ts";

/** One change, as `in 0xc0ffee01 installed`. */
export interface JournalEntry {
  readonly at: number;
  readonly change: "installed" | "removed" | "moved" | "expired";
  readonly direction: "in" | "out";
  readonly spi: number;
}

interface Installed {
  readonly sa: SecurityAssociation;
  readonly expiries: readonly Planned[];
  sequence: number;
  packets: number;
}

export class DataPlaneRecorder implements DataPlane {
  readonly journal: JournalEntry[] = [];
  /** What a kernel would have refused: the same SPI twice, removal of what is not there. */
  readonly faults: string[] = [];
  /** Every key ever installed; all of them must be wiped in the end. */
  readonly keys: SecretBytes[] = [];
  desired: DesiredState | undefined;
  espAccepted = 0;
  espRefused = 0;
  readonly #clock: FakeClock;
  readonly #installed = new Map<string, Installed>();
  readonly #listeners: ((notification: DataPlaneNotification) => void)[] = [];

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** What is installed now, oldest first. */
  get sas(): readonly SecurityAssociation[] {
    return [...this.#installed.values()].map(({ sa }) => sa);
  }

  /** The SA that outgoing traffic uses: the outbound one installed last. */
  get outbound(): SecurityAssociation | undefined {
    return this.sas.findLast((sa) => sa.direction === "out");
  }

  /** The journal as text, such as `in installed, out installed, in removed`. */
  get story(): string {
    return this.journal.map(({ direction, change }) => `${direction} ${change}`).join(", ");
  }

  install(sa: SecurityAssociation): void {
    const key = keyOf(sa.spi, sa.direction);
    if (this.#installed.has(key)) this.faults.push(`${key} installed twice`);
    this.keys.push(sa.encryption.key, ...(sa.integrity ? [sa.integrity.key] : []));
    this.#installed.set(key, { sa, expiries: this.#expiries(sa), sequence: 0, packets: 0 });
    this.#write("installed", sa);
  }

  remove(spi: number, direction: "in" | "out"): void {
    const entry = this.#installed.get(keyOf(spi, direction));
    if (!entry) {
      this.faults.push(`${keyOf(spi, direction)} removed but not there`);
      return;
    }
    this.#drop(entry);
    this.#write("removed", entry.sa);
  }

  /** Changes the outer addresses of SAs, both directions of each path. */
  move(
    spis: readonly number[],
    path: { local: SecurityAssociation["source"]; remote: SecurityAssociation["source"] },
  ): void {
    for (const [key, entry] of this.#installed) {
      if (!spis.includes(entry.sa.spi)) continue;
      const isIn = entry.sa.direction === "in";
      const [source, destination] = isIn ? [path.remote, path.local] : [path.local, path.remote];
      this.#installed.set(key, { ...entry, sa: { ...entry.sa, source, destination } });
      this.#write("moved", entry.sa);
    }
  }

  /** One virtual ESP packet by the outbound SA; undefined when there is none. */
  protect(): { sa: SecurityAssociation; bytes: Uint8Array } | undefined {
    const sa = this.outbound;
    const entry = sa && this.#installed.get(keyOf(sa.spi, "out"));
    if (!entry) return undefined;
    entry.packets++;
    return { sa: entry.sa, bytes: virtualEsp(entry.sa.spi, ++entry.sequence, keysOf(entry.sa)) };
  }

  /** Takes a virtual ESP packet. @returns the SPI it was for when it passed. */
  unprotect(packet: Uint8Array): number | undefined {
    const spi = packet.length < 4 ? 0 : new DataView(packet.buffer, packet.byteOffset).getUint32(0);
    const entry = this.#installed.get(keyOf(spi, "in"));
    if (!entry || !isGenuineEsp(packet, keysOf(entry.sa))) {
      this.espRefused++;
      return undefined;
    }
    entry.packets++;
    this.espAccepted++;
    return spi;
  }

  adopt(): Promise<readonly DataPlaneFault[]> {
    return Promise.resolve([]);
  }

  apply(desired: DesiredState): Promise<readonly DataPlaneFault[]> {
    const wanted = new Set(desired.securityAssociations.map((sa) => keyOf(sa.spi, sa.direction)));
    for (const sa of desired.securityAssociations) {
      if (!this.#installed.has(keyOf(sa.spi, sa.direction))) this.install(sa);
    }
    for (const sa of this.sas) {
      if (!wanted.has(keyOf(sa.spi, sa.direction))) this.remove(sa.spi, sa.direction);
    }
    this.desired = desired;
    return Promise.resolve([]);
  }

  counters(): Promise<DataPlaneCounters> {
    const securityAssociations = [...this.#installed.values()].map(({ sa, packets }) => ({
      spi: sa.spi,
      direction: sa.direction,
      bytes: packets * 100,
      packets,
      replayDrops: 0,
      integrityFailures: 0,
      lastUsed: 0,
    }));
    return Promise.resolve({ securityAssociations, killSwitch: [] });
  }

  onNotification(listener: (notification: DataPlaneNotification) => void): void {
    this.#listeners.push(listener);
  }

  close(): Promise<void> {
    for (const entry of [...this.#installed.values()]) this.#drop(entry);
    return Promise.resolve();
  }

  #expiries(sa: SecurityAssociation): Planned[] {
    const { softSeconds, hardSeconds } = sa.lifetime;
    const planned: Planned[] = [];
    if (softSeconds) {
      planned.push(this.#clock.after(seconds(softSeconds), () => this.#tell(sa.spi, false)));
    }
    if (hardSeconds) {
      planned.push(
        this.#clock.after(seconds(hardSeconds), () => {
          this.#write("expired", sa);
          this.#tell(sa.spi, true);
        }),
      );
    }
    return planned;
  }

  #tell(spi: number, hard: boolean): void {
    for (const listener of this.#listeners) listener({ kind: "expire", spi, hard });
  }

  #drop(entry: Installed): void {
    for (const planned of entry.expiries) planned.cancel();
    entry.sa.encryption.key.wipe();
    entry.sa.integrity?.key.wipe();
    this.#installed.delete(keyOf(entry.sa.spi, entry.sa.direction));
  }

  #write(change: JournalEntry["change"], { spi, direction }: SecurityAssociation): void {
    this.journal.push({ at: this.#clock.now, change, direction, spi });
  }
}

function keyOf(spi: number, direction: "in" | "out"): string {
  return `${direction} 0x${spi.toString(16)}`;
}
