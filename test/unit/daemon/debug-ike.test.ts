/** The trace of IKE: what is in the messages, in the words of IOS, and never a key. */
import { expect, test } from "vitest";
import { addressOf, describeEngine } from "#daemon/debug-engines.ts";
import { describeIke, IkeTrace } from "#daemon/debug-ike.ts";
import { toHex } from "#lib/bytes.ts";
import { seconds } from "#lib/duration.ts";
import { SecretText } from "#lib/secret.ts";
import { connection, PSK, utf8 } from "#test/support/connection.ts";
import { World } from "#test/support/world.ts";

/** A branch that connects while somebody watches. */
function watched() {
  const world = new World({ seed: 5 });
  const hub = world.hub();
  const branch = world.branch();
  const trace = new IkeTrace(branch.engine);
  const said: ReturnType<typeof describeIke>[number][] = [];
  const keys: string[] = [];
  const handle = branch.engine.handle.bind(branch.engine);
  trace.begin(world.clock.now);
  branch.engine.handle = (input, now) => {
    const actions = handle(input, now);
    for (const action of actions)
      if (action.kind === "install-sa") keys.push(toHex(action.sa.encryption.key.reveal()));
    said.push(...describeIke(trace, input, actions, now));
    return actions;
  };
  branch.connect(connection(), hub.address);
  return { world, hub, branch, trace, said, keys };
}

const texts = (said: readonly { readonly text: string }[]) => said.map(({ text }) => text);

test("a handshake is told message by message, with what is in the sealed ones", () => {
  const { world, branch, said } = watched();
  world.runUntil(() => branch.isUp);
  const heads = texts(said)
    .filter((text) => text.includes("Packet"))
    .map((text) => text.split("\n"));
  expect(heads.map((lines) => `${lines[0]?.split(" [")[0]} ${lines[2]} |${lines[4]}`)).toEqual([
    expect.stringMatching(
      /^IKEv2:\(SESSION ID = 1,SA ID = 1\):Sending Packet IKEv2 IKE_SA_INIT Exchange REQUEST \| SA KE N /,
    ),
    expect.stringMatching(/:Received Packet IKEv2 IKE_SA_INIT Exchange RESPONSE \| SA KE N /),
    expect.stringMatching(
      /:Sending Packet IKEv2 IKE_AUTH Exchange REQUEST \| IDi .*AUTH CP SA TSi TSr/,
    ),
    expect.stringMatching(
      /:Received Packet IKEv2 IKE_AUTH Exchange RESPONSE \| .*IDr AUTH .*SA TSi TSr/,
    ),
  ]);
  expect(heads[0]?.slice(0, 2)).toEqual([
    "IKEv2:(SESSION ID = 1,SA ID = 1):Sending Packet [To 203.0.113.1:500/From 192.0.2.10:500/VRF i0:f0]",
    expect.stringMatching(/^Initiator SPI : [0-9A-F]{16} - Responder SPI : 0{16} Message id: 0$/),
  ]);
  expect(texts(said).join("\n")).toContain("hub.example.net");
});

test("what the kernel is asked for is told by SPI and addresses, and no key is anywhere", () => {
  const { world, branch, said, keys } = watched();
  world.runUntil(() => branch.isUp);
  branch.rekeyChild();
  branch.rekeyIke();
  world.runFor(seconds(20));
  const kernel = said.filter(({ area }) => area === "kernel");
  expect(texts(kernel)[0]).toMatch(
    /^IKEv2:\(SESSION ID = 1,SA ID = 1\):-> install-sa spi=0x[0-9a-f]{8} direction=in source=203\.0\.113\.1:\d+ destination=192\.0\.2\.10:\d+$/,
  );
  const all = JSON.stringify(said);
  expect(keys.length).toBeGreaterThanOrEqual(4);
  for (const secret of [PSK, toHex(utf8(PSK)), ...keys, ...keys.map((key) => key.slice(0, 16))])
    expect(all).not.toContain(secret);
  expect(all).toMatch(/AUTH [^"]*\(\d+ bytes\)/);
});

test("every line names the client and the hub, for conditions", () => {
  const { world, branch, said } = watched();
  world.runUntil(() => branch.isUp);
  for (const { client, peer } of said)
    expect({ client, peer }).toEqual({ client: "hq", peer: "203.0.113.1" });
});

test("a request that is sent again is said to be, and its contents are not told twice", () => {
  const { world, branch, hub, said } = watched();
  world.runUntil(() => branch.isUp);
  hub.unplug();
  said.length = 0;
  branch.checkLiveness();
  world.runFor(seconds(5));
  const sent = texts(said).filter((text) => text.includes("Packet"));
  expect(sent[0]).toMatch(
    /Sending Packet[\s\S]*INFORMATIONAL Exchange REQUEST\nPayload contents:\n none/,
  );
  expect(sent[1]).toMatch(/Sending again Packet[\s\S]*INFORMATIONAL Exchange REQUEST$/);
});

test("an IKE_SA_INIT that nobody answers is told once, then that it is sent again", () => {
  const { world, branch, hub, said } = watched();
  hub.unplug();
  world.runFor(seconds(4));
  expect(branch.isUp).toBe(false);
  const sent = texts(said).filter((text) => text.includes("Packet"));
  expect(sent.length).toBeGreaterThan(2);
  expect(sent.map((text) => text.includes("Sending again"))).toEqual(sent.map((_, at) => at > 0));
});

test("bytes that are no message, and messages of nobody's, are told and no more", () => {
  const { world, branch, said } = watched();
  world.runUntil(() => branch.isUp);
  said.length = 0;
  const [local, remote] = ["192.0.2.10", "198.51.100.66"].map((address) => ({
    address: address as never,
    port: 500,
  }));
  if (!local || !remote) throw new Error("both are there");
  branch.input({ kind: "datagram", local, remote, bytes: new Uint8Array(9) });
  expect(texts(said)).toEqual([
    expect.stringMatching(/^IKEv2-ERROR:from 198\.51\.100\.66:500: 9 bytes/),
  ]);
});

test("when nobody watches any more the engine tells nobody", () => {
  const { world, branch, trace } = watched();
  trace.end();
  world.runUntil(() => branch.isUp);
  expect(branch.engine.tracer).toBeUndefined();
  expect(trace.take()).toEqual([]);
});

test("inputs and actions of other engines show words and numbers, and nothing that lies deeper", () => {
  const secret = new SecretText("correct horse");
  const said = describeEngine("flexvpn", { kind: "connect", client: "hq", by: "command line" }, [
    {
      kind: "open-session",
      session: 7,
      client: "hq",
      connection: { psk: secret },
      remote: { address: "203.0.113.1", port: 500 },
    },
    {
      kind: "event",
      event: {
        client: "hq",
        peer: "203.0.113.1:500",
        mnemonic: "FLEXSPOKE-6-CONNECTING",
        message: "tries hub1",
      },
    },
    { kind: "plan", intent: { client: "hq", learnt: [] } },
  ]);
  expect(said).toEqual([
    { area: "client", client: "hq", text: 'FlexVPN(hq):<- connect client=hq by="command line"' },
    {
      area: "client",
      client: "hq",
      text: "FlexVPN(hq):-> open-session session=7 client=hq remote=203.0.113.1:500",
    },
    {
      area: "client",
      client: "hq",
      peer: "203.0.113.1",
      text: "FlexVPN(hq):%FLEXSPOKE-6-CONNECTING: tries hub1",
    },
    { area: "kernel", client: "hq", text: "XFRM(hq):-> plan" },
  ]);
});

test("a deadline that changes nothing is no news", () => {
  expect(describeEngine("track", { kind: "timeout" }, [])).toEqual([]);
  expect(describeEngine("somebody-new", { kind: "start" }, [])).toEqual([]);
});

test.each([
  ["203.0.113.1:500", "203.0.113.1"],
  ["[2001:db8::1]:4500", "2001:db8::1"],
  ["203.0.113.1", "203.0.113.1"],
  ["2001:db8::1", "2001:db8::1"],
])("the address of %s is %s", (endpoint, address) => {
  expect(addressOf(endpoint)).toBe(address);
});
