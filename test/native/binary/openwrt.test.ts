/**
 * Proves that the OpenWrt package runs where there is no other C library than musl: its scripts under a shell of busybox,
 * the daemon that they start, and UCI as its configuration. For arm64 the program runs through qemu-user.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "#test/lab/cache.ts";
import { builtBinary, digestOf } from "./build-binary.ts";
import { ChangedRoot } from "./changed-root.ts";
import { makeRouterRoot, unpackIpk } from "./openwrt/router-root.ts";

type Architecture = "x64" | "arm64";
let folder = "";
const digests = new Map<Architecture, string>();
const unpacked = (arch: Architecture, ...parts: string[]) => join(folder, arch, ...parts);

function makeIpk(arch: Architecture): string {
  const tool = join(projectRoot, "tools/package/openwrt.ts");
  const printed = execFileSync(process.execPath, [tool, arch, "--quick"], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  return join(projectRoot, printed.trim());
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-openwrt-"));
  for (const arch of ["x64", "arm64"] as const) {
    builtBinary(arch);
    const ipk = makeIpk(arch);
    digests.set(arch, digestOf(ipk));
    unpackIpk(ipk, unpacked(arch));
  }
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the same tree gives the same package", () => {
  expect(digestOf(makeIpk("arm64"))).toBe(digests.get("arm64"));
}, 240_000);

test("the bill of materials names the binary as it is here, and the C library that travels along", () => {
  const bill = JSON.parse(
    readFileSync(unpacked("arm64", "data/usr/share/flexspoke/flexspoke.cdx.json"), "utf8"),
  );
  const binary = unpacked("arm64", "data/usr/bin/flexspoke");
  expect(bill.metadata.component.hashes[0].content).toBe(digestOf(binary));
  const glibc = bill.components.find(({ name }: { name: string }) => name === "glibc");
  expect(glibc.version).toMatch(/^2\.\d+-/);
});

test("what a router keeps over an upgrade of its system is the configuration with its secrets", () => {
  const kept = readFileSync(unpacked("arm64", "data/lib/upgrade/keep.d/flexspoke"), "utf8");
  expect(kept.trim().split("\n")).toEqual(["/etc/config/flexspoke", "/etc/flexspoke/"]);
});

test("on arm64 the program runs with nothing but what the package brings", () => {
  mkdirSync(unpacked("arm64", "data/tmp"), { recursive: true });
  const root = new ChangedRoot(unpacked("arm64", "data"));
  try {
    cpSync("/usr/bin/qemu-aarch64-static", join(root.path, "qemu"));
    const flexspoke = (...argv: string[]) => root.run("/qemu", "/usr/bin/flexspoke", ...argv);
    expect(flexspoke("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(flexspoke("import", "uci", "/etc/config/flexspoke")).toContain("fqdn: hub1.example.net");
  } finally {
    root.remove();
  }
}, 240_000);

describe("on a router with musl and busybox", () => {
  let root: ChangedRoot;
  const at = (file: string) => join(root.path, file);
  const service = (action: string) => root.run("/etc/init.d/flexspoke", action);
  const asked = (param: string) => readFileSync(at(`tmp/procd/${param}`), "utf8").trimEnd();
  const script = (name: string) => {
    cpSync(unpacked("x64", "control", name), at(`tmp/${name}`));
    return root.run(`/tmp/${name}`);
  };

  beforeAll(() => {
    makeRouterRoot(unpacked("x64", "router"));
    root = new ChangedRoot(unpacked("x64", "router"));
    script("preinst");
    cpSync(unpacked("x64", "data"), root.path, { recursive: true });
    script("postinst");
  }, 240_000);
  afterAll(() => root.remove());

  test("the package for another processor refuses to be installed", () => {
    cpSync(unpacked("arm64", "control/preinst"), at("tmp/other"));
    expect(() => root.run("/tmp/other")).toThrow(/for aarch64, and this router is x86_64/);
  });

  test("the installation gives the tunnel a firewall zone that only the LAN may go to", () => {
    const batch = readFileSync(at("tmp/uci-batch"), "utf8");
    expect(batch).toContain("set firewall.flexspoke.input='REJECT'");
    expect(batch).toContain("set firewall.flexspoke_lan.dest='flexspoke'");
    expect(batch).toMatch(/commit firewall\n$/);
    expect(readdirSync(at("etc/uci-defaults"))).toEqual([]);
  });

  test("it is on at boot, and does nothing until somebody enables it", () => {
    expect(readlinkSync(at("etc/rc.d/S95flexspoke"))).toBe("../init.d/flexspoke");
    expect(existsSync(at("tmp/procd/command"))).toBe(false);
  });

  test("a mistake in UCI is told with its line, and nothing is started", () => {
    enable("option kill_swich '1'");
    expect(() => service("start")).toThrow(/flexspoke:\d+: client has no option kill_swich/);
    expect(existsSync(at("tmp/procd/command"))).toBe(false);
  });

  test("the service starts a daemon that runs by its own C library", async () => {
    enable();
    writeFileSync(at("etc/flexspoke/secrets/hq.psk"), "wq9xk3vb7d\n", { mode: 0o600 });
    service("start");
    expect(asked("respawn")).toBe("3600\n5\n0");
    expect(statSync(at("etc/flexspoke/uci.yaml")).mode & 0o777).toBe(0o600);
    await root.whileRunning(asked("command").split("\n"), (pid) => {
      expect(root.run("/usr/bin/flexspoke", "show", "client")).toMatch(/hq/);
      const mapped = readFileSync(`/proc/${pid}/maps`, "utf8").match(/\S*\.so\S*$/gm) ?? [];
      expect(mapped.length).toBeGreaterThan(5);
      expect(mapped.filter((file) => !file.includes("/usr/lib/flexspoke/"))).toEqual([]);
    });
  }, 240_000);

  test("a changed configuration is checked first, then the daemon reads it", () => {
    enable("option kill_switch '0'");
    service("reload");
    expect(asked("signal")).toBe("HUP");
    expect(readFileSync(at("etc/flexspoke/uci.yaml"), "utf8")).toContain("kill-switch: false");
    rmSync(at("tmp/procd/signal"));
    enable("option kill_switch 'perhaps'");
    expect(() => service("reload")).toThrow(/uci\.yaml:\d+:\d+: clients\.hq\.kill-switch/);
    expect(existsSync(at("tmp/procd/signal"))).toBe(false);
  }, 240_000);

  test("a removal ends it and takes it out of the boot", () => {
    script("prerm");
    expect(existsSync(at("tmp/procd/running"))).toBe(false);
    expect(existsSync(at("etc/rc.d/S95flexspoke"))).toBe(false);
  });

  /** The configuration that the package brings, enabled, with one more line for its client. */
  function enable(line = ""): void {
    const text = readFileSync(unpacked("x64", "data/etc/config/flexspoke"), "utf8")
      .replace("option enabled '0'", "option enabled '1'")
      .replace("\toption profile 'hq'\n", `\toption profile 'hq'\n\t${line}\n`);
    writeFileSync(at("etc/config/flexspoke"), text, { mode: 0o600 });
  }
});
