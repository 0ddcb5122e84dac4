/** The appliance's services with the real programs, each in a namespace, with the files and scripts that the image has. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hours } from "#lib/duration.ts";
import type { InterfaceAddress, IpAddress } from "#lib/ip.ts";
import { dnsmasq } from "#system/dnsmasq.ts";
import type { ServicePlan } from "#system/service-plan.ts";
import { udhcpc } from "#system/udhcpc.ts";
import { ip, Namespaces, runIn } from "./netns.ts";

/*
 * host eth0 -- br-lan [branch] wan0 -- end [isp]     branch is the DHCP server of the host
 */
const scripts = path.resolve(import.meta.dirname, "../../overlays/root/usr/lib/flexspoke");
const namespaces = new Namespaces(`flexservice${process.pid}-`);
let [host, branch, isp] = ["", "", ""];
let folder: string;
let children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "services-"));
  [host, branch, isp] = ["host", "branch", "isp"].map((name) => namespaces.add(name)) as [
    string,
    string,
    string,
  ];
  namespaces.link(
    { namespace: branch, device: "br-lan", addresses: ["192.168.12.1/24"] },
    { namespace: host, device: "eth0", addresses: [] },
  );
  namespaces.link(
    { namespace: branch, device: "wan0", addresses: ["203.0.113.2/30"] },
    { namespace: isp, device: "end", addresses: ["203.0.113.1/30"] },
  );
});
afterEach(async () => {
  await Promise.all(children.map(ended));
  children = [];
  namespaces.removeAll();
  rmSync(folder, { recursive: true });
});

function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  return gone;
}

/** Starts a program in a namespace with a /run and a /root of its own. `prepare` is shell that comes first. */
function startIn(namespace: string, command: readonly string[], prepare = ""): ChildProcess {
  const script = `mount -t tmpfs run /run && mount -t tmpfs -o mode=700 root /root && mkdir -p /run/flexspoke && ${prepare || ":"} && exec "$@"`;
  const argv = ["netns", "exec", namespace, "unshare", "-m", "sh", "-ec", script, "sh", ...command];
  const child = spawn("ip", argv, { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr?.on("data", (text: Buffer) => {
    said += String(text);
  });
  children.push(child);
  return child;
}
let said = "";

/** As the service's script would; the image's scripts are those of the tree. */
function startService(namespace: string, plan: ServicePlan, prepare = ""): ChildProcess {
  const files = Object.entries(plan.files ?? {}).map(([file, { text, mode }], index) => {
    const copy = path.join(folder, `${plan.name}-${index}`);
    writeFileSync(copy, text);
    return `install -D -m ${mode.toString(8)} ${copy} ${file}`;
  });
  const settings = Object.entries(plan.environment ?? {}).map(
    ([key, value]) => `export ${key}=${value}`,
  );
  return startIn(
    namespace,
    plan.command.map((word) => word.replace("/usr/lib/flexspoke", scripts)),
    [...files, ...settings, ...(prepare ? [prepare] : [])].join(" && "),
  );
}

const lan = {
  interface: "br-lan",
  devices: [],
  address: "192.168.12.1/24" as InterfaceAddress,
  dhcp: {
    from: "192.168.12.100" as IpAddress,
    to: "192.168.12.199" as IpAddress,
    lease: hours(12),
    domain: "branch12.example.net",
  },
  internet: false,
};
const client = (name: string) =>
  udhcpc({ interface: name, device: name, address: { kind: "dhcp" }, metric: 100 }, "branch12");
const addressOf = (namespace: string, device: string) =>
  ip("-n", namespace, "-4", "-o", "address", "show", "dev", device);
/** What a file in /run of a program's own says. */
const inRun = (child: ChildProcess, file: string) =>
  readFileSync(`/proc/${child.pid}/root/run/${file}`, "utf8");

test("a host of the LAN is given an address, the router as gateway and name server, and names are forwarded", async () => {
  writeFileSync(
    `${folder}/isp.conf`,
    "no-resolv\nno-hosts\naddress=/intranet.example.net/10.9.9.9\n",
  );
  startIn(isp, ["dnsmasq", "-k", "--pid-file=", "--user=root", `--conf-file=${folder}/isp.conf`]);
  startService(branch, dnsmasq(lan), "echo nameserver 203.0.113.1 >/run/resolv.conf");
  const dhcp = startService(host, client("eth0"));

  await vi.waitFor(
    () => expect(addressOf(host, "eth0"), said).toMatch(/inet 192\.168\.12\.1\d\d\/24/),
    waiting,
  );
  await vi.waitFor(
    () => expect(inRun(dhcp, "resolv.conf")).toBe("nameserver 192.168.12.1\n"),
    waiting,
  );
  expect(ip("-n", host, "route", "show", "default")).toMatch(
    /^default via 192\.168\.12\.1 dev eth0 .*metric 100/,
  );
  await vi.waitFor(
    () =>
      expect(
        runIn(host, "busybox", "nslookup", "-type=a", "intranet.example.net", "192.168.12.1"),
      ).toContain("10.9.9.9"),
    waiting,
  );
});

test("the name server of the LAN does not answer on the WAN", async () => {
  startService(branch, dnsmasq(lan), "echo nameserver 203.0.113.1 >/run/resolv.conf");
  await vi.waitFor(() => expect(runIn(branch, "ss", "-Hlun")).toContain(":53"), waiting);
  expect(runIn(branch, "ss", "-Hlun")).not.toMatch(/(0\.0\.0\.0|\*|203\.0\.113\.2):53\b/);
});

test("a link that loses its lease loses address and name servers with it", async () => {
  startService(branch, dnsmasq(lan), ":> /run/resolv.conf");
  const dhcp = startService(host, client("eth0"));
  await vi.waitFor(() => expect(inRun(dhcp, "resolv.conf")).toContain("192.168.12.1"), waiting);

  // udhcpc(8): SIGUSR2 releases the lease.
  dhcp.kill("SIGUSR2");

  await vi.waitFor(() => expect(inRun(dhcp, "resolv.conf")).toBe(""), waiting);
  expect(addressOf(host, "eth0")).not.toContain("192.168.12.");
});

/** Logs in at the remote shell of `branch`. @returns what the command said, or why nobody got in. */
function logIn(...options: readonly string[]): string {
  const argv = ["ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", ...options];
  try {
    return runIn(host, ...argv, "root@192.168.12.1", "echo in");
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr);
  }
}

test("the remote shell lets in whose key is configured, nobody by password, and keeps its own key", async () => {
  ip("-n", host, "address", "add", "192.168.12.50/24", "dev", "eth0");
  for (const name of ["known", "stranger"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", `${folder}/${name}`]);
  mkdirSync(`${folder}/ssh`, { mode: 0o700 });
  const start = () =>
    startIn(
      branch,
      [`${scripts}/ssh-server`, `${folder}/ssh/host-ed25519`],
      `install -D -m 600 ${folder}/known.pub /root/.ssh/authorized_keys && chmod 700 /root/.ssh`,
    );
  const learn = [
    "-o",
    "StrictHostKeyChecking=accept-new",
    "-o",
    `UserKnownHostsFile=${folder}/hosts`,
  ];
  const server = start();
  await vi.waitFor(
    () => expect(logIn(...learn, "-i", `${folder}/known`), said).toBe("in\n"),
    waiting,
  );
  expect(logIn(...learn, "-i", `${folder}/stranger`)).toContain("Permission denied (publickey)");

  await ended(server);
  start();

  const strict = ["-o", "StrictHostKeyChecking=yes", "-o", `UserKnownHostsFile=${folder}/hosts`];
  await vi.waitFor(
    () => expect(logIn(...strict, "-i", `${folder}/known`), said).toBe("in\n"),
    waiting,
  );
});

const waiting = { timeout: 20_000, interval: 200 };
