/** Tells managers of tunnels that begin and end. */
import snmp, { type Session, type User } from "net-snmp";
import type { ResolvedSnmp } from "#config/resolved-snmp.ts";
import type { Log } from "#lib/log.ts";
import type { StateDocument } from "#state/document.ts";
import { type FlowTunnel, flowTraps, flowTunnels } from "./ipsec-flow-mib.ts";
import { usmUser } from "./usm-user.ts";
import { varbindOf } from "./varbinds.ts";

/** Compares the tunnels that are with those that were, and sends a trap for each difference. */
export class Traps {
  readonly #sessions: readonly Session[];
  #known = new Map<number, FlowTunnel>();
  /** Sessions that were up and are over. */
  ended = 0;

  /** @param engineId hexadecimal, of this agent: a trap is signed in its name. */
  constructor({ traps, community, users }: ResolvedSnmp, engineId: string, log: Log) {
    const [user] = users;
    const open = ({ host, port }: ResolvedSnmp["traps"][number]): Session => {
      const transport = host.includes(":") ? "udp6" : "udp4";
      const options = { trapPort: port, transport, engineID: engineId };
      return user && !community
        ? snmp.createV3Session(host, usmUser(user) as User, { ...options, version: snmp.Version3 })
        : snmp.createSession(host, new TextDecoder().decode(community?.reveal()), {
            ...options,
            version: snmp.Version2c,
          });
    };
    this.#sessions = traps.map(open);
    for (const session of this.#sessions)
      session.on("error", (error: Error) =>
        log.debug(`snmp: a trap was not sent: ${error.message}`),
      );
  }

  /** The tunnels of a start are no news. */
  begin(document: StateDocument): void {
    this.#known = byIndex(document);
  }

  compare(document: StateDocument): void {
    const now = byIndex(document);
    for (const [index, tunnel] of now)
      if (!this.#known.has(index)) this.#send(tunnel, true, document.uptime);
    for (const [index, tunnel] of this.#known)
      if (!now.has(index)) {
        this.ended++;
        this.#send(tunnel, false, document.uptime);
      }
    this.#known = now;
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }

  #send(tunnel: FlowTunnel, isStart: boolean, uptime: number): void {
    for (const { oid, objects } of flowTraps(tunnel, isStart))
      for (const session of this.#sessions)
        session.trap(oid, objects.map(varbindOf), { upTime: Math.floor(uptime * 100) }, () => {
          // A trap is sent once and nobody confirms it; what the socket says goes to `error`.
        });
  }
}

const byIndex = (document: StateDocument): Map<number, FlowTunnel> =>
  new Map(flowTunnels(document).map((tunnel) => [tunnel.index, tunnel]));
