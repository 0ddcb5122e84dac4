import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { flexspoke } from "./run.ts";

const vectors = path.resolve(import.meta.dirname, "../../vectors/ios");
const single = path.join(vectors, "single-hub-psk.cfg");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "flexspoke-import-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

test("import ios prints the configuration on stdout and what is left out on stderr, keys in neither", async () => {
  const { status, stdout, stderr } = await flexspoke(`import ios ${single}`);
  expect(status).toBe(0);
  expect(stdout).toContain("psk: { file: secrets/HQ-local.psk }");
  expect(stderr).toContain(
    `${single}:128: ntp server 192.0.2.123: belongs to the system's own files`,
  );
  expect(stderr).toContain("GigabitEthernet0/0/0 is called wan0 here");
  expect(stderr).toContain("2 files with keys and certificates were not written");
  expect(stdout + stderr).not.toMatch(/N0t-A-Real|An0ther-Fake/);
});

test("--output writes a configuration that check accepts, with keys that only their owner can read", async () => {
  const { status, stdout } = await flexspoke(`import ios ${single} --output ${folder}/new`);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  const key = path.join(folder, "new/secrets/HQ-local.psk");
  expect(readFileSync(key, "utf8")).toBe("N0t-A-Real-Key!\n");
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(statSync(path.dirname(key)).mode & 0o777).toBe(0o700);
  expect(await flexspoke(`check ${folder}/new/config.yaml`)).toMatchObject({
    status: 0,
    stderr: "",
  });
});

test("a secret that has to be typed in is named by import, and its absence by check", async () => {
  const router = path.join(vectors, "downloaded-backups.cfg");
  const { stderr } = await flexspoke(`import ios ${router} --output ${folder}`);
  expect(stderr).toContain("put there, mode 0600: secrets/SPOKE-local.psk (type 6");
  const checked = await flexspoke(`check ${folder}/config.yaml`);
  expect(checked.status).toBe(2);
  expect(checked.stderr).toContain(
    `file ${folder}/secrets/SPOKE-local.psk does not exist (put the secret into it, mode 0600, or correct the path)`,
  );
});

test("files that exist are left as they are, unless force is asked for", async () => {
  writeFileSync(path.join(folder, "config.yaml"), "mine\n", { mode: 0o644 });
  const refused = await flexspoke(`import ios ${single} -o ${folder}`);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(`${folder}/config.yaml exists already (--force overwrites it)`);
  expect(readFileSync(path.join(folder, "config.yaml"), "utf8")).toBe("mine\n");
  expect(existsSync(path.join(folder, "secrets"))).toBe(false);
  expect((await flexspoke(`import ios ${single} -o ${folder} --force`)).status).toBe(0);
  expect(readFileSync(path.join(folder, "config.yaml"), "utf8")).toContain("clients:");
  expect(statSync(path.join(folder, "config.yaml")).mode & 0o777).toBe(0o600);
});

test("interfaces have the names that were asked for, in any spelling of the router's", async () => {
  const { stdout, stderr } = await flexspoke(
    `import ios ${single} --interface gi0/0/0=eth0 --interface GigabitEthernet0/0/1=br0`,
  );
  expect(stdout).toContain("{ interface: eth0 }");
  expect(stdout).toContain("inside: [ br0 ]");
  expect(stderr).not.toContain("is called");
});

test("a name for an interface that nothing uses is told: it may be mistyped", async () => {
  const { stderr } = await flexspoke(`import ios ${single} --interface Gi9/9=eth9`);
  expect(stderr).toContain("--interface GigabitEthernet9/9: nothing that is carried over uses it");
});

test("an interface option that is none is wrong usage", async () => {
  const { status, stderr } = await flexspoke(`import ios ${single} --interface wan0`);
  expect(status).toBe(2);
  expect(stderr).toContain("GigabitEthernet0/0/0=wan0");
});

test("a file without a FlexVPN client is told and fails", async () => {
  const file = path.join(folder, "switch.cfg");
  writeFileSync(file, "hostname switch\ninterface Vlan1\n ip address dhcp\n");
  const { status, stdout, stderr } = await flexspoke(`import ios ${file}`);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain(`${file} has no FlexVPN client that could be carried over`);
});
