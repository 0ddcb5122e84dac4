/** The lab of the native lane: strongSwan as hub1, one session of ours, packets only of IKE. */
import { expect, test } from "vitest";
import { hubs } from "./addresses.ts";
import type { BranchConfig } from "./branch.ts";
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

  /** Someone starts an IKE SA with the hub and never goes on: the hub is under load by its own threshold. */
  async leaveHalfOpen(): Promise<void> {
    const { machine } = this.topology;
    const folder = `${this.topology.folder}/native`;
    await machine.writeFile(`${folder}/half-open.bin`, halfOpenRequest());
    const sender = `
      const { createSocket } = require("node:dgram");
      const socket = createSocket("udp4");
      socket.send(require("node:fs").readFileSync("${folder}/half-open.bin"), 500, "${hubs.hub1.ipv4}", () => socket.close());`;
    await this.topology.must("internet", [process.execPath, "-e", sender]);
    await this.hub.logs(/is initiating an IKE_SA/);
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

/** IKE_SA_INIT with AES-GCM-256, HMAC-SHA2-384 and X25519, which the hub accepts; the public value is nobody's. */
function halfOpenRequest(): Uint8Array {
  const proposal =
    "00000024 01010003" + // last proposal, number 1, IKE, no SPI, 3 transforms
    "0300000c 01000014 800e0100" + // AES-GCM-16, 256 bits
    "03000008 02000006" + // PRF_HMAC_SHA2_384
    "00000008 0400001f"; // curve25519
  const payloads =
    `22000028 ${proposal}` +
    `28000028 001f0000 ${"09".padEnd(64, "0")}` + // KE
    `00000024 ${"5a".repeat(32)}`; // nonce
  const body = Buffer.from(payloads.replaceAll(" ", ""), "hex");
  const header = Buffer.from(`${"11".repeat(8)}${"00".repeat(8)}2120220800000000`, "hex");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length + 4 + body.length);
  return Buffer.concat([header, length, body]);
}
