/** The agent as net-snmp's own programs see it, over UDP on this machine. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ResolvedSnmp } from "#config/resolved-snmp.ts";
import type { IpAddress } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";
import type { StateDocument } from "#state/document.ts";
import type { Reporter } from "#telemetry/reporter.ts";
import { startSnmp } from "#telemetry/snmp/snmp-reporter.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { bulkRequest, nextRequestV3 } from "../support/snmp-message.ts";
import { ExampleBackend, silentLog } from "../unit/api/example-backend.ts";
import { exampleState } from "../unit/api/example-state.ts";

const PORT = 16_161;
const TRAP_PORT = 16_162;
const community = "c0mmunity-of-test";
const passwords = { auth: "auth-password-1", priv: "priv-password-1" };
const MIB = ".1.3.6.1.4.1.9.9.171";

let folder: string;
let backend: ExampleBackend;
let reporter: Reporter;

const secret = (text: string) => new SecretBytes(new TextEncoder().encode(text));

function section(more: Partial<ResolvedSnmp> = {}): ResolvedSnmp {
  return {
    listen: { address: "127.0.0.1" as IpAddress, port: PORT },
    community: secret(community),
    users: [
      {
        name: "manager",
        auth: "sha256",
        authPassword: secret(passwords.auth),
        priv: { protocol: "aes", password: secret(passwords.priv) },
      },
      { name: "signer", auth: "sha512", authPassword: secret(passwords.auth) },
    ],
    traps: [{ host: "127.0.0.1", port: TRAP_PORT }],
    location: "Branch 12",
    contact: "noc@example.net",
    ...more,
  };
}

const start = (more?: Partial<ResolvedSnmp>) =>
  startSnmp(section(more), { backend, log: silentLog, stateDir: folder } as never);

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "flexspoke-snmp-"));
  backend = new ExampleBackend();
  reporter = await start();
});

afterEach(async () => {
  await reporter.close();
  rmSync(folder, { recursive: true });
});

const run = promisify(execFile);
/** Without MIB files and configuration of the machine; state of the tools in the test's folder. */
const environment = () => ({
  ...process.env,
  MIBS: "",
  SNMPCONFPATH: folder,
  SNMP_PERSISTENT_DIR: folder,
});

async function ask(tool: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(tool, ["-t", "2", "-r", "1", "-On", ...args], {
      env: environment(),
    });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}`;
  }
}

const v2c = (tool: string, ...rest: readonly string[]) =>
  ask(tool, ["-v2c", "-c", community, `127.0.0.1:${PORT}`, ...rest]);

const v3 = (user: string, ...rest: readonly string[]) => {
  const level =
    user === "manager"
      ? ["-l", "authPriv", "-a", "SHA-256", "-A", passwords.auth, "-x", "AES", "-X", passwords.priv]
      : ["-l", "authNoPriv", "-a", "SHA-512", "-A", passwords.auth];
  return ask("snmpget", ["-v3", "-u", user, ...level, `127.0.0.1:${PORT}`, ...rest]);
};

const SYSTEM = ".1.3.6.1.2.1.1";

test("snmpget reads the system group by v2c", async () => {
  const printed = await v2c("snmpget", `${SYSTEM}.5.0`, `${SYSTEM}.6.0`, `${SYSTEM}.4.0`);
  expect(printed).toContain(`${SYSTEM}.5.0 = STRING: "${exampleState.hostname}"`);
  expect(printed).toContain('STRING: "Branch 12"');
  expect(printed).toContain('STRING: "noc@example.net"');
});

test("users of v3 read with encryption, and with a signature alone where they have no more", async () => {
  expect(await v3("manager", `${SYSTEM}.5.0`)).toContain(exampleState.hostname);
  expect(await v3("signer", `${SYSTEM}.5.0`)).toContain(exampleState.hostname);
});

test.each([
  ["another community", ["-v2c", "-c", "public"]],
  ["SNMPv1", ["-v1", "-c", community]],
  ["no user", ["-v3", "-l", "noAuthNoPriv", "-u", ""]],
  ["an unknown user", ["-v3", "-l", "noAuthNoPriv", "-u", "nobody"]],
  ["a user without the signature", ["-v3", "-l", "noAuthNoPriv", "-u", "manager"]],
  [
    "a user without the encryption",
    ["-v3", "-l", "authNoPriv", "-u", "manager", "-a", "SHA-256", "-A", passwords.auth],
  ],
  [
    "a wrong password",
    ["-v3", "-l", "authNoPriv", "-u", "signer", "-a", "SHA-512", "-A", "wrong-password"],
  ],
])("%s reads nothing", async (_who, args) => {
  const printed = await ask("snmpget", [
    "-t",
    "0.3",
    "-r",
    "0",
    ...args,
    `127.0.0.1:${PORT}`,
    `${SYSTEM}.5.0`,
  ]);
  expect(printed).not.toContain(exampleState.hostname);
});

test("snmpwalk shows the tunnels of IKE and IPsec with their ends and counts", async () => {
  const ike = await v2c("snmpwalk", `${MIB}.1.2.3`);
  expect(ike).toContain(`${MIB}.1.2.3.1.8.3 = Hex-STRING: CB 00 71 01`);
  expect(ike).toContain(`${MIB}.1.2.3.1.7.3 = STRING: "hub1.example.net"`);
  expect(ike).toContain(`${MIB}.1.2.3.1.35.3 = INTEGER: 1`);
  const ipsec = await v2c("snmpwalk", `${MIB}.1.3.2`);
  expect(ipsec).toContain(`${MIB}.1.3.2.1.27.33 = Counter64: 1234567`);
  expect(ipsec).toContain(`${MIB}.1.3.2.1.45.33 = Counter32: 1999`);
  expect(ipsec).toContain(`${MIB}.1.3.2.1.2.33 = INTEGER: 3`);
  expect(await v2c("snmpget", `${MIB}.1.2.1.1.0`, `${MIB}.1.3.1.1.0`)).toMatch(
    /Gauge32: 1\n.*Gauge32: 1\n/,
  );
});

test("a bulk walk from the root visits what a walk visits, in the same order, and ends", async () => {
  const walked = (await v2c("snmpwalk", ".1")).split("\n").map((line) => line.split(" =")[0]);
  const bulk = (await v2c("snmpbulkwalk", "-Cr50", ".1"))
    .split("\n")
    .map((line) => line.split(" =")[0]);
  expect(walked.length).toBeGreaterThan(80);
  expect(bulk).toEqual(walked);
});

test("the interface table has the machine's interfaces under the kernel's numbers", async () => {
  const index = readFileSync("/sys/class/net/lo/ifindex", "utf8").trim();
  const printed = await v2c(
    "snmpget",
    `.1.3.6.1.2.1.2.2.1.2.${index}`,
    `.1.3.6.1.2.1.2.2.1.3.${index}`,
  );
  expect(printed).toContain('STRING: "lo"');
  expect(printed).toContain("INTEGER: 24");
});

test("what is not there is said to be not there", async () => {
  const printed = await v2c("snmpget", `${SYSTEM}.5.9`, ".1.3.6.1.2.1.99.1.0");
  expect(printed).toContain("No Such Instance");
  expect(printed).toContain("No Such Object");
});

test("nobody can write, not even with the right community or user", async () => {
  const printed = await ask("snmpset", [
    "-v2c",
    "-c",
    community,
    `127.0.0.1:${PORT}`,
    `${SYSTEM}.5.0`,
    "s",
    "changed",
  ]);
  expect(printed).toContain("notWritable");
  expect(await v2c("snmpget", `${SYSTEM}.5.0`)).toContain(exampleState.hostname);
});

test("boots rise over restarts and the engine stays the same", async () => {
  const first = await v2c("snmpwalk", ".1.3.6.1.6.3.10.2.1");
  await reporter.close();
  reporter = await start();
  const second = await v2c("snmpwalk", ".1.3.6.1.6.3.10.2.1");
  const line = (text: string, arc: number) =>
    text.split("\n").find((each) => each.includes(`.2.1.${arc}.0`));
  expect(line(second, 1)).toBe(line(first, 1));
  expect([line(first, 2), line(second, 2)].map((each) => each?.split(": ")[1])).toEqual(["1", "2"]);
  expect(await v3("manager", `${SYSTEM}.5.0`)).toContain(exampleState.hostname);
});

/** A datagram to the agent, and what comes back within a moment. */
async function exchange(datagrams: readonly Uint8Array[], wait = 300): Promise<readonly Buffer[]> {
  const socket = createSocket("udp4");
  const answers: Buffer[] = [];
  socket.on("message", (answer) => answers.push(answer));
  for (const [index, datagram] of datagrams.entries()) {
    await new Promise<void>((done) => socket.send(datagram, PORT, "127.0.0.1", () => done()));
    if (index % 64 === 63) await new Promise((done) => setImmediate(done));
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, wait);
  await promise;
  socket.close();
  return answers;
}

test("the empty user of v3, who proves nothing, gets no answer, though the engine is the right one", async () => {
  const { id } = JSON.parse(readFileSync(path.join(folder, "snmp-engine.json"), "utf8")) as {
    id: string;
  };
  expect(await exchange([nextRequestV3(Buffer.from(id, "hex"), "", false)])).toEqual([]);
});

test("a request for two thousand million repetitions gets one packet", async () => {
  const answers = await exchange([bulkRequest(community, 0x7fff_ffff)]);
  expect(answers).toHaveLength(1);
  expect(answers[0]!.length).toBeGreaterThan(300);
  expect(answers[0]!.length).toBeLessThan(1473);
});

test("malformed datagrams get no answer, end nothing and change nothing", async () => {
  const random = new SeededRandom(161);
  const valid = bulkRequest(community, 10);
  const broken = Array.from({ length: 1500 }, (_, round) => {
    if (round % 3 === 0) return random.bytes(1 + (round % 200));
    const copy = Buffer.from(
      valid.subarray(0, round % 3 === 1 ? valid.length : round % valid.length),
    );
    for (let change = 0; change < 3 && copy.length > 0; change++)
      copy[random.bytes(1)[0]! % copy.length] = random.bytes(1)[0]!;
    return copy;
  });
  await exchange(broken);
  await exchange([], 3000);
  expect(await v2c("snmpget", `${SYSTEM}.5.0`)).toContain(exampleState.hostname);
  expect(backend.actions).toEqual([]);
});

test("a flood, and v3 messages for ever new engines, grow no memory, and managers get through again", async () => {
  const engine = (index: number) => {
    const id = Buffer.alloc(12);
    id.writeUInt32BE(index);
    return nextRequestV3(id, "signer", true);
  };
  const flood = Array.from({ length: 20_000 }, (_, index) =>
    index % 2 ? engine(index) : bulkRequest(community, 100),
  );
  await exchange(flood.slice(0, 2000));
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const answers = await exchange(flood);
  expect(answers.length).toBeLessThan(2000);
  expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
  await exchange([], 3000);
  expect(await v2c("snmpget", `${SYSTEM}.5.0`)).toContain(exampleState.hostname);
});

async function withTrapDaemon(
  lines: readonly string[],
  check: (printed: () => string) => Promise<void>,
) {
  const file = path.join(folder, "snmptrapd.conf");
  writeFileSync(file, [...lines, ""].join("\n"));
  const args = [
    "-f",
    "-Lo",
    "-On",
    "-C",
    "-c",
    file,
    "-p",
    path.join(folder, "trapd.pid"),
    `udp:127.0.0.1:${TRAP_PORT}`,
  ];
  const daemon: ChildProcess = spawn("/usr/sbin/snmptrapd", args, { env: environment() });
  let printed = "";
  daemon.stdout?.on("data", (text: Buffer) => (printed += text));
  daemon.stderr?.on("data", (text: Buffer) => (printed += text));
  await vi.waitFor(() => expect(printed).toContain("NET-SNMP version"), { timeout: 10_000 });
  try {
    await check(() => printed);
  } finally {
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;
  }
}

const without: StateDocument = { ...exampleState, ike: [], ipsec: [] };

/** The branch loses its session and gets it back. */
async function loseAndRegain(): Promise<void> {
  for (const [id, state] of [
    [100, without],
    [101, exampleState],
  ] as const) {
    backend.state = () => state;
    backend.tell(id, "a session began or ended", { mnemonic: "IKEV2-5-SA_DOWN" });
    await new Promise((done) => setImmediate(done));
  }
}

test("traps tell snmptrapd that a tunnel ended and began, by v2c", async () => {
  await withTrapDaemon([`authCommunity log ${community}`], async (printed) => {
    await loseAndRegain();
    await vi.waitFor(
      () => {
        for (const trap of [1, 2, 7, 8])
          expect(printed()).toContain(`.1.3.6.1.6.3.1.1.4.1.0 = OID: ${MIB}.2.0.${trap}`);
      },
      { timeout: 10_000 },
    );
    expect(printed()).toContain(`${MIB}.1.3.2.1.10.33`);
    expect(printed()).toContain("CB 00 71 01");
  });
  expect(await v2c("snmpget", `${MIB}.1.2.1.2.0`)).toContain("Counter32: 1");
});

test("without a community traps are signed and encrypted by the first user", async () => {
  await reporter.close();
  const { community: _none, ...rest } = section();
  reporter = await startSnmp(rest, { backend, log: silentLog, stateDir: folder } as never);
  const { id } = JSON.parse(readFileSync(path.join(folder, "snmp-engine.json"), "utf8")) as {
    id: string;
  };
  const lines = [
    `createUser -e 0x${id} manager SHA-256 ${passwords.auth} AES ${passwords.priv}`,
    "authUser log manager priv",
  ];
  await withTrapDaemon(lines, async (printed) => {
    await loseAndRegain();
    await vi.waitFor(() => expect(printed()).toContain(`OID: ${MIB}.2.0.1`), { timeout: 10_000 });
  });
});
