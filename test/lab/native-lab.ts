/** The lab of the native lane: strongSwan as hub1, one session of ours, packets only of IKE. */
import { expect, test } from "vitest";
import type { BranchConfig } from "./branch.ts";
import { leaveHalfOpen } from "./half-open.ts";
import { localMachine } from "./local-machine.ts";
import { NativeSession } from "./native-session.ts";
import { Strongswan } from "./strongswan.ts";
import { Topology } from "./topology.ts";

/**
 * Declares a test with a real strongSwan and our engine, fresh for it.
 * @param name a sentence about what the two agree on.
 */
export function withStrongswan(name: string, play: (lab: NativeLab) => Promise<void>): void {
  test(name, async () => {
    const lab = await NativeLab.open();
    try {
      await play(lab);
    } catch (error) {
      console.error(`\n${name}\n${await lab.story()}`);
      throw error;
    } finally {
      await lab.close();
    }
  });
}

export class NativeLab {
  readonly topology: Topology;
  readonly hub: Strongswan;
  readonly #sessions: NativeSession[] = [];

  private constructor(topology: Topology) {
    this.topology = topology;
    this.hub = new Strongswan(topology, "hub1");
  }

  static async open(): Promise<NativeLab> {
    const topology = new Topology(localMachine(), { namespaces: true, xfrm: false });
    await topology.up();
    return new NativeLab(topology);
  }

  /** What hub and branch said; for a test that fails. */
  async story(): Promise<string> {
    const ours = this.#sessions.map((session) => session.output());
    return `--- hub1:\n${await this.hub.log()}\n--- branch:\n${ours.join("\n")}`;
  }

  async close(): Promise<void> {
    await this.topology.down();
    await this.topology.machine.close();
  }

  async start(branch: BranchConfig, family?: "ipv4" | "ipv6"): Promise<NativeSession> {
    const session = await NativeSession.start(this.topology, branch, family);
    this.#sessions.push(session);
    return session;
  }

  leaveHalfOpen(): Promise<void> {
    return leaveHalfOpen(this.topology, this.hub);
  }

  /**
   * The hub has exactly the SAs that ours sends by, and receives by none that ours lacks. Ours may have more inbound
   * ones for some seconds after a rekey: packets on their way still come by the old keys.
   */
  async expectSameSas(session: NativeSession): Promise<void> {
    const hub = await this.#hubSpis();
    const ours = sorted(session.spis());
    expect(hub.out).toEqual(ours.out);
    expect(ours.in).toEqual(expect.arrayContaining([...hub.in]));
  }

  /** The same as a question, for a moment when the hub may be in the middle of a rekey. */
  hasSameSas(session: NativeSession): Promise<boolean> {
    return this.expectSameSas(session).then(
      () => true,
      () => false,
    );
  }

  /** SPIs of installed Child SAs; `in` is the branch's inbound direction. */
  async #hubSpis(): Promise<Spis> {
    const children = (await this.hub.sas()).flatMap((sa) => sa.children);
    const installed = children.filter(({ state }) => state === "INSTALLED");
    return sorted({
      in: installed.map(({ spiOut }) => spiOut),
      out: installed.map(({ spiIn }) => spiIn),
    });
  }
}

interface Spis {
  readonly in: readonly string[];
  readonly out: readonly string[];
}

function sorted(spis: Spis): Spis {
  return { in: [...spis.in].sort(), out: [...spis.out].sort() };
}
