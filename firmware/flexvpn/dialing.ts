/**
 * What a client makes of its dialer: which source it brings, and how its state reads as a reason. How a dialer dials is
 * the dial engine's business.
 * Source: IOS dialer backup by a second profile; on one profile it is ours.
 */
import type { ResolvedClient, ResolvedSource } from "#config/resolved.ts";
import type { DialerFacts } from "./inputs.ts";
import type { Why } from "./states.ts";

type Dialers = ReadonlyMap<string, DialerFacts>;

/** The interface that a dialer brings up; a name that no interface can have while nobody knows it. */
export function dialedInterface(dialer: string, dialers: Dialers): string {
  return dialers.get(dialer)?.interface ?? `dialer ${dialer}`;
}

/** The client's sources, by sequence, with its dialer's interface as the last one unless the list names it. */
export function sourcesOf(client: ResolvedClient, dialers: Dialers): readonly ResolvedSource[] {
  const sources = [...client.sources].sort((a, b) => a.seq - b.seq);
  if (client.dialer === undefined) return sources;
  const device = dialedInterface(client.dialer, dialers);
  if (sources.some((source) => source.interface === device)) return sources;
  return [...sources, { seq: (sources.at(-1)?.seq ?? 0) + 10, interface: device }];
}

/** Why a client waits for its dialer. */
export function describeDialer(dialer: string, dialers: Dialers): Why {
  const { state, why } = dialers.get(dialer) ?? { state: "idle" };
  const said = why === undefined ? "" : `: ${why.message}`;
  const code = why?.code === undefined ? {} : { code: why.code };
  const remedy = why?.remedy === undefined ? {} : { remedy: why.remedy };
  return { message: `waits for dialer ${dialer}, which is ${state}${said}`, ...code, ...remedy };
}
