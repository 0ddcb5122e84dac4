/** What a data-plane driver must do. The kernel's lives in `linux/`; the recorder of the tests implements the same. */
import type { Endpoint } from "#lib/ip.ts";
import type { DesiredState } from "./desired.ts";

export interface DataPlane {
  /**
   * Reads what a predecessor left in the kernel and removes or adopts it: after this, `apply` works against the truth.
   * Kill-switch rules are kept until the first `apply` replaces them.
   */
  adopt(): Promise<readonly DataPlaneFault[]>;
  /**
   * Makes the kernel match, by the smallest ordered set of changes since the last call. Calls are queued.
   * A change that fails does not stop independent ones; faults come back, nothing is thrown.
   */
  apply(desired: DesiredState): Promise<readonly DataPlaneFault[]>;
  /** Counters of every SA and tunnel that exists. */
  counters(): Promise<DataPlaneCounters>;
  /** Called for what the kernel reports by itself. */
  onNotification(listener: (notification: DataPlaneNotification) => void): void;
  /** Removes everything of ours but, when asked, the kill switch; then lets go of the kernel. */
  close(options: { readonly keepKillSwitch: boolean }): Promise<void>;
}

export interface DataPlaneFault {
  /**
   * Stable: `kernel.module-missing`, `kernel.permission`, `kernel.interface-missing`, `kernel.conflict`,
   * `kernel.overflow`, `kernel.rejected`; and as a notice `kernel.offload-refused`.
   */
  readonly code: string;
  /** A notice: the thing was done, though not as asked; nothing is missing. Absent means a fault. */
  readonly isNotice?: true;
  /** What could not be done, in words. */
  readonly what: string;
  readonly errno?: string;
  readonly remedy: string;
  /** Set when it concerns one SA. */
  readonly spi?: number;
  readonly tunnel?: string;
}

export interface SaCounters {
  readonly spi: number;
  readonly direction: "in" | "out";
  readonly bytes: number;
  readonly packets: number;
  readonly replayDrops: number;
  readonly integrityFailures: number;
  /** Seconds since the epoch, 0 when never used. */
  readonly lastUsed: number;
}

export interface DataPlaneCounters {
  readonly securityAssociations: readonly SaCounters[];
  readonly killSwitch: readonly {
    readonly client: string;
    readonly packets: number;
    readonly bytes: number;
  }[];
}

export type DataPlaneNotification =
  | { readonly kind: "expire"; readonly spi: number; readonly hard: boolean }
  | { readonly kind: "acquire"; readonly requestId: number }
  | { readonly kind: "mapping"; readonly spi: number; readonly remote: Endpoint }
  /** An interface of the machine came, went or changed its addresses. */
  | { readonly kind: "link"; readonly name: string; readonly isUp: boolean }
  | { readonly kind: "address"; readonly name: string };
