import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inside, Namespaces } from "./netns.ts";

/** A namespace whose programs see name service files of its own, and a name server that answers from `zone`. */
const namespaces = new Namespaces("s4d-");
const server = createSocket("udp4");
const zone = new Map<string, Answer>();
let branch = "";
let files = "";

type Answer =
  | {
      readonly kind: "addresses";
      readonly v4: readonly number[][];
      readonly v6: readonly number[][];
    }
  | { readonly kind: "no-such-name" | "server-failure" | "silence" };

beforeAll(async () => {
  branch = namespaces.add("branch");
  files = `/etc/netns/${branch}`;
  mkdirSync(files, { recursive: true });
  writeFileSync(`${files}/resolv.conf`, "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n");
  writeFileSync(`${files}/hosts`, "127.0.0.1 localhost\n192.0.2.80 hub-in-hosts.example.net\n");
  writeFileSync(`${files}/nsswitch.conf`, "hosts: files dns\n");
  server.on("message", (query, from) => {
    const reply = answer(query);
    if (reply) server.send(reply, from.port, from.address);
  });
  await inside(branch, async () => {
    server.bind(53, "127.0.0.1");
    await once(server, "listening");
  });
});
afterAll(() => {
  server.close();
  namespaces.removeAll();
  rmSync(files, { recursive: true, force: true });
});

/** Resolves in a process of its own, as the resolver's threads are not those of this test. */
async function resolve(name: string, family = "dynamic", timeout = 4_000): Promise<unknown> {
  const script = `
    const { resolveName } = await import("#linux/dns/resolve.ts");
    const started = performance.now();
    const result = await resolveName(${JSON.stringify({ name, family, timeout })});
    process.stdout.write(JSON.stringify({ ...result, took: performance.now() - started }));
    process.exit();`;
  const run = promisify(execFile);
  const argv = ["netns", "exec", branch, process.execPath, "--input-type=module", "--eval", script];
  return JSON.parse((await run("ip", argv)).stdout);
}

const v4 = (...last: number[]): Answer => ({
  kind: "addresses",
  v4: last.map((octet) => [192, 0, 2, octet]),
  v6: [],
});

test("a name gives all its addresses of both families", async () => {
  zone.set("hub1.example.net", {
    kind: "addresses",
    v4: [
      [192, 0, 2, 1],
      [192, 0, 2, 2],
    ],
    v6: [[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  });
  const result = (await resolve("hub1.example.net")) as { value: string[] };
  expect(result.value.toSorted()).toEqual(["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
});

test("a peer of family ipv6 gives no IPv4 address", async () => {
  zone.set("hub2.example.net", v4(1));
  expect(await resolve("hub2.example.net", "ipv6")).toMatchObject({
    ok: false,
    error: { code: "dns.not-found", what: "the name hub2.example.net has no IPv6 address" },
  });
});

test("/etc/hosts counts", async () => {
  expect(await resolve("hub-in-hosts.example.net")).toMatchObject({ value: ["192.0.2.80"] });
});

test("a changed answer is seen at once: nothing is remembered", async () => {
  const script = `
    const { resolveName } = await import("#linux/dns/resolve.ts");
    const question = { name: "moving.example.net", family: "ipv4", timeout: 4000 };
    const first = await resolveName(question);
    const second = await resolveName(question);
    process.stdout.write(JSON.stringify([first.value, second.value]));`;
  let asked = 0;
  zone.set("moving.example.net", v4(1));
  const move = () => {
    if (++asked === 1) setImmediate(() => zone.set("moving.example.net", v4(2)));
  };
  server.on("message", move);
  const run = promisify(execFile);
  const argv = ["netns", "exec", branch, process.execPath, "--input-type=module", "--eval", script];
  const { stdout } = await run("ip", argv);
  server.off("message", move);

  expect(JSON.parse(stdout)).toEqual([["192.0.2.1"], ["192.0.2.2"]]);
});

test("a name that does not exist says so", async () => {
  zone.set("typo.example.net", { kind: "no-such-name" });
  expect(await resolve("typo.example.net")).toMatchObject({
    ok: false,
    error: { code: "dns.not-found", what: "the name typo.example.net has no address" },
  });
});

test("a name server that fails is told from a name that does not exist", async () => {
  zone.set("broken.example.net", { kind: "server-failure" });
  expect(await resolve("broken.example.net")).toMatchObject({
    ok: false,
    error: { code: "dns.server-unreachable", errno: "EAI_AGAIN" },
  });
});

test("a silent name server costs no more than the time allowed", async () => {
  zone.set("silent.example.net", { kind: "silence" });
  const result = (await resolve("silent.example.net", "dynamic", 300)) as { took: number };
  expect(result).toMatchObject({
    ok: false,
    error: { code: "dns.timeout", what: "no answer about silent.example.net within 0.3 s" },
  });
  expect(result.took).toBeLessThan(3_000);
});

/** Answers one question as `zone` has it. RFC 1035 §4.1 */
function answer(query: Buffer): Buffer | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const question = query.subarray(12, at + 5);
  const type = query.readUInt16BE(at + 1);
  const entry = zone.get(labels.join(".")) ?? { kind: "no-such-name" };
  if (entry.kind === "silence") return undefined;
  const code = { addresses: 0, "no-such-name": 3, "server-failure": 2 }[entry.kind];
  const data =
    entry.kind !== "addresses" ? [] : type === 1 ? entry.v4 : type === 28 ? entry.v6 : [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(data.length, 6);
  const records = data.map((bytes) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt16BE(bytes.length, 10);
    return Buffer.concat([record, Uint8Array.from(bytes)]);
  });
  return Buffer.concat([header, question, ...records]);
}
