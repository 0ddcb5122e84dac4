/** Proves that the Debian package installs on a Debian, that its service's command runs, and that it leaves as it came. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "#test/lab/cache.ts";
import { builtBinary, digestOf } from "./build-binary.ts";
import { ChangedRoot } from "./changed-root.ts";

/** Machines are often told to leave documentation out. */
const exampleFile = join(
  projectRoot,
  "board/debian/root/usr/share/doc/flexspoke/examples/config.yaml",
);
const packages = { x64: "", arm64: "" };

function makeDeb(arch: "x64" | "arm64"): string {
  const tool = join(projectRoot, "tools/package/deb.ts");
  const printed = execFileSync(process.execPath, [tool, arch, "--quick"], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  return join(projectRoot, printed.trim());
}

beforeAll(() => {
  for (const arch of ["x64", "arm64"] as const) {
    builtBinary(arch);
    packages[arch] = makeDeb(arch);
  }
}, 600_000);

test("the same tree gives the same package", () => {
  const first = digestOf(packages.arm64);
  expect(digestOf(makeDeb("arm64"))).toBe(first);
}, 240_000);

test.each(["x64", "arm64"] as const)("Debian 12 has all the C library that %s asks for", (arch) => {
  const objdump = arch === process.arch ? "objdump" : "aarch64-linux-gnu-objdump";
  const symbols = execFileSync(objdump, ["-T", join(projectRoot, "build", arch, "flexspoke")], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const newest = (library: string): number =>
    Math.max(
      ...[
        ...symbols.matchAll(new RegExp(`\\(?${library}_([0-9]+)\\.([0-9]+)\\.?([0-9]*)`, "g")),
      ].map(([, major, minor, patch]) => Number(major) * 1e6 + Number(minor) * 1e3 + Number(patch)),
    );
  expect(newest("GLIBC")).toBeGreaterThan(2_000_000);
  expect(newest("GLIBC")).toBeLessThanOrEqual(2_036_000);
  expect(newest("GLIBCXX")).toBeLessThanOrEqual(3_004_030);
});

test("the package for arm64 says so, and its program runs", () => {
  const field = execFileSync("dpkg-deb", ["-f", packages.arm64, "Architecture"], {
    encoding: "utf8",
  });
  expect(field).toBe("arm64\n");
  const script = join(projectRoot, "tools/arm64/sysroot.sh");
  const sysroot = execFileSync("sh", [script], { encoding: "utf8" }).trim();
  const root = new ChangedRoot(sysroot);
  try {
    execFileSync("dpkg-deb", ["-x", packages.arm64, root.path]);
    cpSync("/usr/bin/qemu-aarch64-static", join(root.path, "qemu"));
    const checked = ["check", "/usr/share/doc/flexspoke/examples/config.yaml"];
    expect(root.run("/qemu", "/usr/bin/flexspoke", "--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
    // The example names a key that a person has yet to put there.
    expect(() => root.run("/qemu", "/usr/bin/flexspoke", ...checked)).toThrow(/secrets\/hq\.psk/);
  } finally {
    root.remove();
  }
}, 240_000);

describe("on a Debian, this machine's own with changes that are gone afterwards", () => {
  let root: ChangedRoot;
  const at = (file: string) => join(root.path, file);

  beforeAll(() => {
    root = new ChangedRoot("/");
    cpSync(packages.x64, at("tmp/flexspoke.deb"));
  });
  afterAll(() => root.remove());

  test("it installs, and says what is still to be done", () => {
    const said = root.run("dpkg", "-i", "/tmp/flexspoke.deb");
    expect(said).toContain("put a configuration into /etc/flexspoke/config.yaml");
    expect(root.run("dpkg", "-s", "flexspoke")).toContain("Status: install ok installed\n");
  }, 240_000);

  test("secrets have a folder that nobody else can read", () => {
    expect(statSync(at("etc/flexspoke/secrets")).mode & 0o777).toBe(0o700);
  });

  test("its service is well written and is started at boot", () => {
    expect(root.run("systemd-analyze", "verify", "--man=no", "flexspoke.service")).toBe("");
    const link = at("etc/systemd/system/multi-user.target.wants/flexspoke.service");
    expect(readlinkSync(link)).toMatch(/^(\/usr)?\/lib\/systemd\/system\/flexspoke\.service$/);
  });

  test("the service's own commands check the configuration and run the daemon", async () => {
    const example = readFileSync(exampleFile);
    writeFileSync(at("etc/flexspoke/config.yaml"), example, { mode: 0o600 });
    writeFileSync(at("etc/flexspoke/secrets/hq.psk"), "wq9xk3vb7d\n", { mode: 0o600 });
    const unit = readFileSync(at("usr/lib/systemd/system/flexspoke.service"), "utf8");
    const command = (key: string) =>
      new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1]?.split(" ") ?? [];
    expect(root.run(...command("ExecStartPre"))).toBe("");
    await root.whileRunning(command("ExecStart"), () => {
      expect(root.run("flexspoke", "show", "client")).toMatch(/hq/);
    });
  }, 240_000);

  test("a removal keeps the configuration, purging takes it", () => {
    root.run("dpkg", "--remove", "flexspoke");
    expect(existsSync(at("usr/bin/flexspoke"))).toBe(false);
    expect(existsSync(at("etc/flexspoke/config.yaml"))).toBe(true);
    root.run("dpkg", "--purge", "flexspoke");
    for (const gone of [
      "etc/flexspoke",
      "var/lib/flexspoke",
      "etc/iproute2/rt_protos.d/flexspoke.conf",
    ])
      expect(existsSync(at(gone))).toBe(false);
    expect(root.run("find", "/etc/systemd", "/var/lib/systemd", "-name", "*flexspoke*")).toBe("");
  }, 240_000);
});
