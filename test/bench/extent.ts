/** How much is measured: enough for a median to mean something, or just enough to see that it runs. */

export interface Extent {
  /** Handshakes of each side that count, after the warm-up. */
  readonly handshakes: number;
  readonly warmUp: number;
  /** Cold starts and throughput runs of each side that count, after one that does not. */
  readonly rounds: number;
  /** Rekeys of the Child SA, and as many of the IKE SA. */
  readonly rekeys: number;
  /** Deaths of the hub that count, after the first. */
  readonly failovers: number;
  /** Takes minutes where the peer does. */
  readonly isWhole: boolean;
  /** Seconds of one throughput run. */
  readonly transfer: number;
  /** Seconds that the probes run before they are counted, and for how long they are. */
  readonly probeWarmUp: number;
  readonly probeSeconds: number;
}

/** `BENCH_QUICK=1` asks for the small one. */
export const extent: Extent =
  process.env["BENCH_QUICK"] === "1"
    ? {
        handshakes: 5,
        warmUp: 3,
        rounds: 1,
        rekeys: 5,
        failovers: 3,
        isWhole: false,
        transfer: 4,
        probeWarmUp: 5,
        probeSeconds: 10,
      }
    : {
        handshakes: 20,
        warmUp: 10,
        rounds: 5,
        rekeys: 20,
        failovers: 10,
        isWhole: true,
        transfer: 8,
        probeWarmUp: 20,
        probeSeconds: 60,
      };
