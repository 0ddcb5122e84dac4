/** No secret is ever shown: not in a log, an event, an answer, a command line or an environment. */
import { expect } from "vitest";
import { type BranchConfig, pskBranch } from "#test/lab/branch.ts";
import { Credentials } from "#test/lab/credentials.ts";
import type { Lab } from "#test/lab/lab.ts";
import { until } from "#test/lab/machine.ts";
import { mergeSettings } from "#test/lab/merge.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

const sharedKey = "unmistakable-shared-key-of-the-lab";
const wrongKey = "unmistakable-wrong-key-of-the-lab";

/** A sealed message with what is in it. */
const rekeyInClear = /CREATE_CHILD_SA Exchange RESPONSE\nPayload contents:\n SA N/;

/** All that was said so far, each piece with its origin. */
type Said = [origin: string, text: string][];

scenario("a whole life at log level debug shows no secret and no key", async (lab) => {
  const { branch, hub1, topology } = lab;
  const { config, key } = configuration();
  const hub = pskHub(topology, "hub1", {
    secrets: { "ike-any": { secret: `"${sharedKey}"` } },
  });
  await hub1.start({ swanctl: hub });
  const said: Said = [];
  const keys = new Set<string>();

  await branch.start(config);
  const debug = await branch.watch("debug");
  await branch.untilState("up");
  await lab.untilReachable();
  await collectKeys(lab, keys);
  // A command takes its time to start; from here on somebody watches.
  await until(
    "debug tells of a rekey",
    async () => {
      await branch.rekey("child").catch(() => undefined);
      return rekeyInClear.test(debug.output());
    },
    60_000,
  );
  await collectKeys(lab, keys);
  for (const [what, event] of [
    ["child", "FLEXSPOKE-6-CHILD_REKEYED"],
    ["ike", "FLEXSPOKE-6-IKE_REKEYED"],
  ] as const) {
    await branch.rekey(what);
    await branch.untilEvent(event);
    await collectKeys(lab, keys);
  }
  debug.kill("SIGINT");
  expect(await debug.exited).toBe(0);
  said.push(["debug", debug.output()]);
  await listen(lab, said);

  await branch.configure({ ...config, files: { ...config.files, "secrets/hq.psk": wrongKey } });
  branch.reload();
  await branch.untilEvent("FLEXSPOKE-5-CONFIGURED");
  await branch.action("clients/hq/disconnect");
  await branch.action("clients/hq/connect");
  await branch.untilEvent("IKEV2-3-NEG_ABORT");
  await branch.configure({ ...config, config: mergeSettings(config.config, { hostnam: "x" }) });
  branch.reload();
  await branch.untilEvent("FLEXSPOKE-3-CONFIGURATION_REFUSED");
  await listen(lab, said);
  said.push(["tech-support", await supportArchive(lab)]);

  const needles = [sharedKey, wrongKey, ...linesOf(key)].flatMap(writings);
  const keyNeedles = [...keys].flatMap(keyWritings);
  expect(keyNeedles.length).toBeGreaterThan(4);
  expect(said.map(([, text]) => text).join("")).toContain("FLEXSPOKE-6-CHILD_REKEYED");
  const found = said.flatMap(([origin, text]) =>
    [...needles, ...keyNeedles].filter((needle) => text.includes(needle)).map(() => origin),
  );
  expect(found).toEqual([]);
});

/** A branch that proves itself by the shared key and has a private key in its configuration too. */
function configuration(): { config: BranchConfig; key: string } {
  const certificate = new Credentials({ kind: "p256" }).branch();
  const { config } = pskBranch();
  const files = { ...certificate.files, "secrets/hq.psk": sharedKey };
  const both = mergeSettings(config, { pki: certificate.config["pki"] });
  return { config: { config: both, files }, key: certificate.files["pki/branch.key"] ?? "" };
}

/** Reads everything that anybody may read now. */
async function listen({ branch, topology }: Lab, said: Said): Promise<void> {
  const file = `${topology.folder}/branch/config.yaml`;
  said.push(["log", branch.log()]);
  said.push(["state", JSON.stringify(await branch.state())]);
  said.push(["events", JSON.stringify(await branch.events())]);
  for (const words of [
    ["show", "client"],
    ["show", "ike", "--json"],
    ["show", "ipsec", "--json"],
    ["config", "show", "--resolved", file],
    ["config", "show", file],
    ["check", file],
  ]) {
    const { stdout, stderr } = await branch.cli(...words);
    said.push([words.join(" "), stdout + stderr]);
  }
  // The daemon, and whatever it has started and not yet ended.
  const processes = await topology.must(
    "branch",
    `for pid in ${branch.pid} $(pgrep -P ${branch.pid}); do tr '\\0' '\\n' </proc/$pid/cmdline; tr '\\0' '\\n' </proc/$pid/environ; done`,
  );
  expect(processes).toContain("flexspoke.cjs");
  said.push(["processes", processes]);
}

/** Everything in an archive for a support case. */
async function supportArchive({ branch, topology }: Lab): Promise<string> {
  const config = `${topology.folder}/branch/config.yaml`;
  const archive = `${topology.folder}/support.tar.gz`;
  const made = await branch.cli("tech-support", archive, "-c", config);
  expect(made).toMatchObject({ code: 0, stdout: `${archive}\n` });
  const text = await topology.must("branch", `tar -xzOf ${archive}`);
  expect(text).toContain("show crypto ipsec sa");
  return text;
}

/** The keys that the kernel encrypts with now, as hexadecimal. */
async function collectKeys({ topology }: Lab, keys: Set<string>): Promise<void> {
  const text = await topology.must("branch", "ip -d xfrm state");
  for (const [, key] of text.matchAll(/0x([0-9a-f]{32,})\b/g)) if (key) keys.add(key);
}

/** Lines of the key itself, without the armour around it. */
function linesOf(pem: string): string[] {
  const lines = pem.split("\n").filter((line) => line.length > 20 && !line.startsWith("-----"));
  expect(lines.length).toBeGreaterThan(0);
  return lines;
}

/** How a text can be written: plain, hexadecimal of both cases, base64. */
function writings(text: string): string[] {
  const bytes = Buffer.from(text);
  return [text, bytes.toString("hex"), bytes.toString("hex").toUpperCase(), base64(bytes)];
}

/** A key of the kernel; its first half alone would be bad enough. */
function keyWritings(hex: string): string[] {
  const half = hex.slice(0, 32);
  return [half, half.toUpperCase(), base64(Buffer.from(half, "hex")), decimals(half)];
}

/** Without the end, which depends on what follows. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 3))).toString("base64");
}

/** As JSON writes an array of bytes. */
function decimals(hex: string): string {
  return [...Buffer.from(hex, "hex")].join(",");
}
