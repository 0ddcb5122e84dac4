/** Why something happened, by the events alone: each names the one that caused it. */
import type { StoredEvent } from "#state/document.ts";
import type { Branch } from "#test/lab/branch.ts";

/** The latest event of this kind and what led to it, backwards to the first cause, as mnemonics. */
export async function causesOf(branch: Branch, mnemonic: string): Promise<string[]> {
  const events = await branch.events();
  return chain(
    events,
    events.findLast((event) => event.mnemonic === mnemonic),
  );
}

/** Changes of the client between up and not up, oldest first. */
export async function turns(branch: Branch, client = "hq"): Promise<StoredEvent[]> {
  return (await branch.events()).filter(
    (event) => event.client === client && event.mnemonic.includes("FLEXVPN_CONNECTION"),
  );
}

/** Events of failovers that name no cause; empty is what every test wants. */
export async function withoutCause(branch: Branch): Promise<string[]> {
  const told = /CONNECTION_(UP|DOWN)|CONNECTING|TRACK_GATE|TRACK-6-STATE|RETURN$/;
  return (await branch.events())
    .filter(({ mnemonic, data }) => told.test(mnemonic) && data["cause"] === undefined)
    .map(({ mnemonic, message }) => `${mnemonic} ${message}`);
}

function chain(events: readonly StoredEvent[], last: StoredEvent | undefined): string[] {
  if (!last) return [];
  const cause = events.find(({ id }) => id === last.data["cause"]);
  return [last.mnemonic, ...chain(events, cause)];
}
