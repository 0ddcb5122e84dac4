import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { plantedSecret, shortConfig } from "../config/branch-files.ts";
import { flexspoke } from "./run.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-cli-"));
  mkdirSync(join(folder, "secrets"));
  write("secrets/hq.psk", `${plantedSecret}\n`);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A private file in the test's folder. */
function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return path;
}

test("a valid configuration prints nothing", async () => {
  const path = write("config.yaml", shortConfig);
  expect(await flexspoke(`check ${path}`)).toMatchObject({ status: 0, stdout: "", stderr: "" });
});

test("each fault of a configuration is a line with file, line and column", async () => {
  const path = write(
    "config.yaml",
    shortConfig.replace("inside: [ br-lan ]", "insid: [ br-lan ]\n    nat: yes"),
  );
  const { status, stdout, stderr } = await flexspoke(`check ${path}`);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr.split("\n")).toEqual([
    `${path}:9:5: clients.hq.insid: unknown key (did you mean inside? known here: profile, tunnel, connect, peers, peer-reactivate, downloaded-backups, standby, source, hold-down, rehearsal, backup-group, dialer, inside, nat, routes, kill-switch, backoff)`,
    `${path}:10:10: clients.hq.nat: not one of the known values (one of negotiated, off)`,
    "",
  ]);
});

test("warnings are printed when asked for, and are no failure", async () => {
  const path = write(
    "config.yaml",
    `${shortConfig}tunnels: { Tunnel0: {}, spare: {} }\n`.replace(
      "    inside",
      "    tunnel: Tunnel0\n    inside",
    ),
  );
  expect((await flexspoke(`check ${path}`)).stderr).toBe("");
  const { status, stderr } = await flexspoke(`check --warnings ${path}`);
  expect(status).toBe(0);
  expect(stderr).toBe(
    `${path}:11:25: warning: tunnels.spare: no client uses this tunnel (name it in a client, or remove it)\n`,
  );
});

test.each([
  ["nowhere.yaml", "does not exist (name the configuration)"],
  ["secrets", "is a folder (name the file in it)"],
])("a configuration that can't be read says so: %s", async (name, reason) => {
  const path = join(folder, name);
  const { status, stderr } = await flexspoke(`check ${path}`);
  expect({ status, stderr }).toEqual({ status: 2, stderr: `flexspoke: ${path} ${reason}\n` });
});

test("a secret file that others can read is refused on the real file system", async () => {
  chmodSync(join(folder, "secrets/hq.psk"), 0o644);
  const path = write("config.yaml", shortConfig);
  const { status, stderr } = await flexspoke(`check ${path}`);
  expect(status).toBe(2);
  expect(stderr).toContain(`mode 0644 (chmod 600 ${folder}/secrets/hq.psk)`);
});

test("the planted secret comes out nowhere", async () => {
  const literal = shortConfig.replaceAll("{ file: secrets/hq.psk }", `"${plantedSecret}"`);
  const valid = write("config.yaml", literal);
  const broken = write("broken.yaml", literal.replace("inside:", "insid:"));
  let printed = "";
  for (const line of [
    `config show ${valid}`,
    `config show --resolved ${valid}`,
    `config show ${write("file.yaml", shortConfig)}`,
    "config schema",
    `check ${broken}`,
    `config show ${broken}`,
  ]) {
    const { stdout, stderr } = await flexspoke(line);
    expect(stdout + stderr).not.toBe("");
    printed += stdout + stderr;
  }
  expect(printed).not.toContain(plantedSecret);
  expect(printed).toContain("•••");
});

test("config show --resolved can be used in the place of the file", async () => {
  const { stdout } = await flexspoke(`config show --resolved ${write("config.yaml", shortConfig)}`);
  expect(stdout).toContain("kill-switch: true");
  expect(await flexspoke(`check ${write("resolved.yaml", stdout)}`)).toMatchObject({ status: 0 });
});

test("config schema is JSON", async () => {
  const { status, stdout } = await flexspoke("config schema");
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ title: "FlexSpoke configuration" });
});

test("run hands its options to the daemon, with the defaults of the manual", async () => {
  expect((await flexspoke("run")).daemon).toEqual([
    {
      configFile: "/etc/flexspoke/config.yaml",
      stateDir: "/var/lib/flexspoke",
      runDir: "/run/flexspoke",
      logLevel: "info",
      logFormat: "text",
    },
  ]);
});

test("run takes every option, and folders from the environment", async () => {
  const line = "run -c a.yaml --state-dir s --log-level debug --log-format json";
  const { daemon } = await flexspoke(line, {
    env: { FLEXSPOKE_RUN_DIR: "r", FLEXSPOKE_STATE_DIR: "x" },
  });
  expect(daemon).toEqual([
    { configFile: "a.yaml", stateDir: "s", runDir: "r", logLevel: "debug", logFormat: "json" },
  ]);
});

test("run ends with the status of the daemon", async () => {
  expect((await flexspoke("run", { daemonStatus: 2 })).status).toBe(2);
});

test.each([
  "show client",
  "show events --json",
  "connect hq",
  "disconnect hq",
  "clear client",
  "rekey ike hq",
  "rehearse",
])("%s without a daemon says how to start it, with status 3", async (line) => {
  const { status, stdout, stderr } = await flexspoke(`${line} --run-dir ${folder}`);
  expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
  expect(stderr).toBe(
    `flexspoke: the daemon is not running: nobody answers on ${folder}/control.sock (start it with \`flexspoke run\`, or name its folder with --run-dir)\n`,
  );
});

test("a socket that a dead daemon left is no daemon", async () => {
  const path = join(folder, "control.sock");
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", script]);
  expect((await flexspoke(`show client --run-dir ${folder}`)).status).toBe(3);
});

test("a daemon that hangs up is a failure, not its absence", async () => {
  const server: Server = createServer((socket) => socket.destroy()).listen(
    join(folder, "control.sock"),
  );
  await new Promise((resolve) => server.once("listening", resolve));
  const { status, stderr } = await flexspoke(`show client --run-dir ${folder}`);
  server.close();
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "flexspoke: the daemon ended before it answered (look at its log)\n",
  });
});

test.each([
  ["show clinet", "unknown command 'clinet' (Did you mean client?)"],
  ["shw client", "unknown command 'shw' (Did you mean show?)"],
  ["connect", "missing required argument 'client'"],
  ["connect a b", "too many arguments for 'connect'. Expected 1 argument but got 2: a, b."],
  [
    "show events --last 0",
    "option '--last <n>' argument '0' is invalid. It must be a whole number from 1 to 10000.",
  ],
  [
    "rekey esp hq",
    "command-argument value 'esp' is invalid for argument 'what'. Allowed choices are ike, child.",
  ],
  [
    "run --log-level loud",
    "option '--log-level <level>' argument 'loud' is invalid. Allowed choices are error, warn, info, debug.",
  ],
  ["show client --jsn", "unknown option '--jsn' (Did you mean --json?)"],
])("wrong usage, %s, is one line and status 2", async (line, reason) => {
  const { status, stdout, stderr } = await flexspoke(line);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(reason);
  expect(stderr).toMatch(/^flexspoke: .*\(--help lists what there is\)\n$/);
});

test.each(["", "show", "config", "clear"])(
  "%j alone shows its help as wrong usage",
  async (line) => {
    const { status, stdout, stderr } = await flexspoke(line);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("Usage: flexspoke");
  },
);

test.each(["--help", "help", "show --help", "help show"])(
  "%s shows help as an answer",
  async (line) => {
    const { status, stdout, stderr } = await flexspoke(line);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("Usage: flexspoke");
  },
);

test("--version is this program's own", async () => {
  expect(await flexspoke("--version")).toMatchObject({ status: 0, stdout: "0.1.0\n" });
});

test("show loads neither the schema nor the server: it must be quick on a small board", () => {
  const script = `
    import { runCli } from "#cli/run-cli.ts";
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const nothing = { write: () => {} };
    await runCli({ argv: ["show", "client", "--run-dir", "/nowhere"], stdout: nothing, stderr: nothing, env: {}, runDaemon: async () => 0 });
    process.stdout.write(loaded.join("\\n"));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout).not.toMatch(/node_modules\/(zod|yaml|hono|@hono)/);
});
