/** What the clients of one engine share: what the machine looks like, and what must be unique among them. */
import type { SessionId } from "#ike/inputs.ts";
import type { RandomSource } from "#lib/engine.ts";
import type { DialerFacts, ResolutionId } from "./inputs.ts";
import type { TimeOfDay } from "./rehearsal-schedule.ts";
import type { Surroundings } from "./ways.ts";

export interface ClientContext extends Surroundings {
  /** Names of the tunnel interfaces of all clients: they are nobody's way out. */
  readonly tunnels: ReadonlySet<string>;
  /** By name; a dialer that nobody told of yet is missing. */
  readonly dialers: ReadonlyMap<string, DialerFacts>;
  readonly random: RandomSource;
  /** Undefined while nobody knows the time of day. */
  wall(): TimeOfDay | undefined;
  nextSession(): SessionId;
  nextResolution(): ResolutionId;
}
