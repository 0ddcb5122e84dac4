import { expect, test } from "vitest";
import { KernelState } from "#daemon/kernel-state.ts";
import { type DesiredState, emptyFirewall, type SecurityAssociation } from "#dataplane/desired.ts";
import type { DataPlane, DataPlaneFault } from "#dataplane/port.ts";
import type { SessionId } from "#ike/inputs.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";

const session = 1 as SessionId;
const start = 0 as MonotonicMs;

function sa(spi: number, direction: "in" | "out" = "in"): SecurityAssociation {
  const end = (address: string) => ({ address: address as IpAddress, port: 4500 });
  return {
    spi,
    direction,
    source: end("203.0.113.2"),
    destination: end("198.51.100.2"),
    udpEncapsulation: false,
    mode: "tunnel",
    encryption: { id: 20, key: new SecretBytes(new Uint8Array(36).fill(7)) },
    esn: false,
    replayWindow: 64,
    lifetime: {},
    offload: "none",
    client: "hq",
    selectors: { local: [], remote: [] },
  };
}

/** A data plane whose answers come when the test says so. */
function setUp() {
  const asked: DesiredState[] = [];
  const answers: ((faults: readonly DataPlaneFault[]) => void)[] = [];
  const reported: DataPlaneFault[] = [];
  const dataPlane = {
    apply: (desired: DesiredState) => {
      asked.push(desired);
      return new Promise<readonly DataPlaneFault[]>((resolve) => answers.push(resolve));
    },
  } as unknown as DataPlane;
  const state = new KernelState(
    dataPlane,
    (_, held) => ({
      tunnels: [],
      securityAssociations: held.map((each) => each.sa),
      policies: [],
      routes: [],
      firewall: emptyFirewall,
    }),
    (faults) => reported.push(...faults),
  );
  const answer = async (faults: readonly DataPlaneFault[] = []) => {
    answers.shift()?.(faults);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { state, asked, answer, reported };
}

test("nothing is asked of the kernel while nothing changed", () => {
  const { state, asked } = setUp();
  state.flush();
  state.install(session, sa(1), start);
  state.flush();
  state.flush();
  expect(asked).toHaveLength(1);
});

test("a datagram that promises an SA waits until the kernel has it", async () => {
  const { state, answer } = setUp();
  let sent = 0;
  state.afterSas(() => sent++);
  expect(sent).toBe(1);

  state.install(session, sa(1), start);
  state.afterSas(() => sent++);
  expect(sent).toBe(1);
  await answer();
  expect(sent).toBe(2);
});

test("the keys of a removed SA live until the kernel has let go of it", async () => {
  const { state, answer } = setUp();
  const old = sa(1);
  state.install(session, old, start);
  state.flush();
  await answer();

  state.remove(1, "in");
  state.flush();
  expect(old.encryption.key.isWiped).toBe(false);
  await answer();
  expect(old.encryption.key.isWiped).toBe(true);
});

test("a peer that moved changes the outer addresses of its SAs, each by its direction", () => {
  const { state, asked } = setUp();
  state.install(session, sa(1, "in"), start);
  state.install(session, sa(2, "out"), start);
  const local = { address: "198.51.100.2" as IpAddress, port: 4500 };
  const remote = { address: "203.0.113.2" as IpAddress, port: 20_001 };
  state.move([1, 2], { local, remote });
  state.flush();

  const [inbound, outbound] = asked[0]!.securityAssociations;
  expect([inbound?.source, inbound?.destination]).toEqual([remote, local]);
  expect([outbound?.source, outbound?.destination]).toEqual([local, remote]);
});

test("what the kernel refused is reported once", async () => {
  const { state, answer, reported } = setUp();
  const fault = { code: "kernel.rejected", what: "could not add it", remedy: "look" };
  state.install(session, sa(1), start);
  state.flush();
  await answer([fault]);
  state.flush();
  expect(reported).toEqual([fault]);
});

test("at the end every key is wiped", () => {
  const { state } = setUp();
  const both = [sa(1), sa(2, "out")];
  for (const each of both) state.install(session, each, start);
  state.wipe();
  expect(both.every(({ encryption }) => encryption.key.isWiped)).toBe(true);
});
