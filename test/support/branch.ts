/**
 * The branch of a simulated world: the real IKE engine with the world's clock, a seeded random source and a recorded
 * data plane. It does what the daemon does around the engine: it carries out actions in order and turns what happens
 * into inputs.
 */
import type { DownReason, IkeAction, SessionOutcome } from "#ike/actions.ts";
import type { IkeConnection, Path } from "#ike/connection.ts";
import { IkeEngine } from "#ike/engine.ts";
import type { IkeInput, SessionId } from "#ike/inputs.ts";
import { concatBytes } from "#lib/bytes.ts";
import { seconds, type WallClock } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { EventDraft } from "#state/event.ts";
import { DataPlaneRecorder } from "./dataplane-recorder.ts";
import type { FakeClock, Planned } from "./fake-clock.ts";
import type { Datagram, Host, Link } from "./link.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Where all worlds begin on the wall clock: 2030-01-01T00:00:00Z. */
export const WORLD_BEGAN = Date.UTC(2030, 0, 1) as WallClock;

/** An action with the instant it was asked for. */
export interface RecordedAction {
  readonly at: number;
  readonly action: IkeAction;
}

export class Branch implements Host {
  readonly address: IpAddress;
  readonly dataplane: DataPlaneRecorder;
  readonly engine: IkeEngine;
  readonly events: EventDraft[] = [];
  /** Every action, oldest first; the last thousands. */
  readonly actions: RecordedAction[] = [];
  readonly downs: DownReason[] = [];
  readonly outcomes: SessionOutcome[] = [];
  session: SessionId | undefined;
  connection: IkeConnection | undefined;
  /** How many datagrams the engine has sent, keepalives not counted. */
  datagramsSent = 0;
  keepalivesSent = 0;
  espSent = 0;
  espUnsendable = 0;
  readonly #clock: FakeClock;
  readonly #link: Link;
  #wake: Planned | undefined;
  #nextSession = 1;
  #traffic: { inbound: boolean; outbound: boolean } | undefined;
  #isUp = false;

  constructor(parts: {
    readonly address: IpAddress;
    readonly clock: FakeClock;
    readonly random: SeededRandom;
    readonly link: Link;
  }) {
    this.address = parts.address;
    this.#clock = parts.clock;
    this.#link = parts.link;
    this.dataplane = new DataPlaneRecorder(parts.clock);
    this.engine = new IkeEngine({ random: parts.random.bytes });
    this.dataplane.onNotification((notification) => {
      if (notification.kind === "expire") {
        this.input({ kind: "sa-expired", spi: notification.spi, hard: notification.hard });
      }
    });
    this.#link.attach(this);
    this.input({ kind: "wall-clock", time: (WORLD_BEGAN + this.#clock.now) as WallClock });
  }

  get addresses(): readonly IpAddress[] {
    return [this.address];
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Why the last session ended. */
  get down(): DownReason | undefined {
    return this.downs.at(-1);
  }

  /** What the last session got from its hub. */
  get outcome(): SessionOutcome | undefined {
    return this.outcomes.at(-1);
  }

  /** Starts a session with a hub. @returns its id. */
  connect(connection: IkeConnection, remote: IpAddress, port = 500): SessionId {
    const session = this.#nextSession++ as SessionId;
    const path: Path = {
      local: { address: this.address, port },
      remote: { address: remote, port },
    };
    this.session = session;
    this.connection = connection;
    this.input({ kind: "initiate", session, connection, path });
    return session;
  }

  terminate(reason = "the test is over"): void {
    if (this.session !== undefined)
      this.input({ kind: "terminate", session: this.session, reason });
  }

  rekeyChild(): void {
    this.input({ kind: "rekey-child", session: this.#current() });
  }

  rekeyIke(): void {
    this.input({ kind: "rekey-ike", session: this.#current() });
  }

  checkLiveness(): void {
    this.input({ kind: "check-liveness", session: this.#current() });
  }

  /** Gives the engine an input now, and does what it asks for. @returns what it asked for. */
  input(input: IkeInput): readonly IkeAction[] {
    const actions = this.engine.handle(input, this.#clock.now);
    for (const action of actions) this.#carryOut(action);
    this.#armWake();
    return actions;
  }

  /** One packet from the LAN into the tunnel. */
  sendEsp(): void {
    const packet = this.dataplane.protect();
    if (!packet) {
      this.espUnsendable++;
      return;
    }
    this.espSent++;
    const { sa, bytes } = packet;
    this.#noteTraffic("outbound");
    this.#link.send({
      protocol: sa.udpEncapsulation ? "udp" : "esp",
      from: sa.source,
      to: sa.destination,
      bytes,
    });
  }

  receive(datagram: Datagram): void {
    const { protocol, from, to, bytes } = datagram;
    if (protocol === "esp" || (to.port === 4500 && !isMarked(bytes))) {
      if (this.dataplane.unprotect(bytes) !== undefined) this.#noteTraffic("inbound");
      return;
    }
    const plain = to.port === 4500 ? bytes.slice(4) : bytes;
    this.input({ kind: "datagram", local: to, remote: from, bytes: plain });
  }

  #carryOut(action: IkeAction): void {
    this.actions.push({ at: this.#clock.now, action });
    if (this.actions.length > 5_000) this.actions.splice(0, 2_500);
    switch (action.kind) {
      case "event":
        this.events.push(action.event);
        break;
      case "send":
        this.datagramsSent++;
        this.#send(action.path, action.bytes);
        break;
      case "send-nat-keepalive":
        this.keepalivesSent++;
        this.#link.send(udp(action.path, Uint8Array.of(0xff)));
        break;
      case "install-sa":
        this.dataplane.install(action.sa);
        break;
      case "remove-sa":
        this.dataplane.remove(action.spi, action.direction);
        break;
      case "move-sas":
        this.dataplane.move(action.spis, action.path);
        break;
      case "session-up":
        this.#isUp = true;
        this.outcomes.push(action.outcome);
        break;
      case "session-down":
        this.#isUp = false;
        this.session = undefined;
        this.downs.push(action.reason);
        break;
      case "session-authenticating":
        break;
    }
  }

  #send(path: Path, bytes: Uint8Array): void {
    const isNatT = path.local.port === 4500;
    this.#link.send(udp(path, isNatT ? concatBytes(new Uint8Array(4), bytes) : bytes));
  }

  #armWake(): void {
    this.#wake?.cancel();
    const next = this.engine.nextTimeout();
    this.#wake =
      next === undefined
        ? undefined
        : this.#clock.at(next, () => {
            this.input({ kind: "timeout" });
          });
  }

  /** Tells the engine of traffic once a second, as the daemon's poll of the counters does. */
  #noteTraffic(direction: "inbound" | "outbound"): void {
    if (!this.#traffic) {
      this.#traffic = { inbound: false, outbound: false };
      this.#clock.after(seconds(1), () => {
        const traffic = this.#traffic;
        this.#traffic = undefined;
        if (traffic && this.session !== undefined && this.#isUp) {
          this.input({ kind: "traffic", session: this.session, ...traffic });
        }
      });
    }
    this.#traffic[direction] = true;
  }

  #current(): SessionId {
    if (this.session === undefined) throw new Error("the branch has no session");
    return this.session;
  }
}

function udp({ local, remote }: Path, bytes: Uint8Array): Datagram {
  return { protocol: "udp", from: local, to: remote, bytes };
}

function isMarked(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes.subarray(0, 4).every((byte) => byte === 0);
}
