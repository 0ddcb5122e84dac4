/** What the performers of actions work with; `assembly.ts` puts it together. */
import type { DialInput } from "#dial/inputs.ts";
import type { FlexvpnEngine } from "#flexvpn/engine.ts";
import type { FlexvpnInput } from "#flexvpn/inputs.ts";
import type { GuardInput } from "#guard/inputs.ts";
import type { IkeEngine } from "#ike/engine.ts";
import type { IkeInput } from "#ike/inputs.ts";
import type { Log } from "#lib/log.ts";
import type { IkeSocketPool } from "#linux/socket/socket-pool.ts";
import type { SlaEngine } from "#sla/engine.ts";
import type { SlaInput } from "#sla/inputs.ts";
import type { EventLog } from "#state/event-log.ts";
import type { TrackEngine } from "#track/engine.ts";
import type { TrackInput } from "#track/inputs.ts";
import type { TrialInput } from "#update/trial-inputs.ts";
import type { ChangeGuard } from "./change-guard.ts";
import type { Calendar, Clock } from "./clock.ts";
import type { Dialers } from "./dialers.ts";
import type { HandshakeTimes } from "./handshake-times.ts";
import type { HostMetrics } from "./host-metrics.ts";
import type { KernelState } from "./kernel-state.ts";
import type { Learnt } from "./learnt.ts";
import type { Probes } from "./probes.ts";
import type { TimeKeeper } from "./time-keeper.ts";
import type { Tracks } from "./tracks.ts";
import type { Underlays } from "./underlays.ts";
import type { Updates } from "./updates.ts";

export interface Services {
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly log: Log;
  readonly events: EventLog;
  readonly kernel: KernelState;
  readonly sockets: IkeSocketPool;
  readonly learnt: Learnt;
  readonly handshakes: HandshakeTimes;
  readonly host: HostMetrics;
  readonly underlays: Underlays;
  readonly ike: IkeEngine;
  readonly flexvpn: FlexvpnEngine;
  readonly track: TrackEngine;
  readonly tracks: Tracks;
  readonly sla: SlaEngine;
  readonly probes: Probes;
  readonly dialers: Dialers;
  readonly guard: ChangeGuard;
  readonly updates: Updates;
  readonly time: TimeKeeper;
  /** An event at start says that this process may not do all that it has to. */
  readonly lacksPermission: boolean;
  /** The client that a tunnel interface serves; undefined for no tunnel. */
  clientOfTunnel(tunnel: string | undefined): string | undefined;
  /** Hands an input to an engine. */
  giveIke(input: IkeInput): void;
  giveFlexvpn(input: FlexvpnInput): void;
  giveTrack(input: TrackInput): void;
  giveSla(input: SlaInput): void;
  giveDial(input: DialInput): void;
  giveGuard(input: GuardInput): void;
  giveUpdate(input: TrialInput): void;
}
