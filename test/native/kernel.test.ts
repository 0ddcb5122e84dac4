import { afterAll, beforeAll, expect, test } from "vitest";
import { readEvidence } from "#linux/kernel/kernel-evidence.ts";
import { ip, Namespaces, runIn } from "./netns.ts";

const namespaces = new Namespaces("s4k-");
let branch = "";

beforeAll(() => {
  branch = namespaces.add("branch");
  const far = namespaces.add("far");
  namespaces.link(
    {
      namespace: branch,
      device: "br-lan",
      addresses: ["192.168.12.1/24", "192.168.13.1/24", "fd00:12::1/64"],
    },
    { namespace: far, device: "end", addresses: [] },
  );
});
afterAll(() => namespaces.removeAll());

/** Runs a line of module code in a process in the namespace. @returns what it printed, as JSON. */
function evaluate(code: string, ...wrapper: string[]): unknown {
  const argv = [process.execPath, "--input-type=module", "--eval", code];
  return JSON.parse(runIn(branch, ...wrapper, ...argv));
}

const readLan = `
  const { readInterface, connectedNetworks } = await import("#linux/kernel/interfaces.ts");
  const state = readInterface("br-lan");
  process.stdout.write(JSON.stringify(state ? { ...state, networks: connectedNetworks(state) } : null));`;

test("an interface is read with its addresses and the networks it is on, link-local ones aside", () => {
  expect(evaluate(readLan)).toEqual({
    name: "br-lan",
    isUp: true,
    addresses: ["192.168.12.1/24", "192.168.13.1/24", "fd00:12::1/64"],
    networks: ["192.168.12.0/24", "192.168.13.0/24", "fd00:12::/64"],
  });
});

test("an interface that was switched off is down and has no addresses to use", () => {
  ip("-n", branch, "link", "set", "br-lan", "down");
  const state = evaluate(readLan);
  ip("-n", branch, "link", "set", "br-lan", "up");
  expect(state).toMatchObject({ isUp: false, addresses: [] });
});

test("an interface without addresses is up all the same when its link is", () => {
  ip("-n", branch, "link", "add", "bare", "type", "veth", "peer", "name", "bare-end");
  runIn(branch, "sysctl", "-qw", "net.ipv6.conf.bare.disable_ipv6=1");
  ip("-n", branch, "link", "set", "bare", "up");
  ip("-n", branch, "link", "set", "bare-end", "up");
  const state = evaluate(readLan.replace('readInterface("br-lan")', 'readInterface("bare")'));
  ip("-n", branch, "link", "delete", "bare");
  expect(state).toMatchObject({ isUp: true, addresses: [] });
});

test("IPv4 forwarding is switched on for an inside network, and said to be", () => {
  runIn(branch, "sysctl", "-qw", "net.ipv4.ip_forward=0");
  const code = `
    const { prepareForwarding } = await import("#linux/kernel/forwarding.ts");
    const use = { inside: ["br-lan"], ipv6: false, sources: [] };
    process.stdout.write(JSON.stringify([prepareForwarding(use), prepareForwarding(use)]));`;
  const [first, second] = evaluate(code) as unknown[];

  expect(first).toMatchObject({ set: [{ path: "net/ipv4/ip_forward" }], notices: [] });
  expect(second).toEqual({ set: [], notices: [] });
  expect(runIn(branch, "cat", "/proc/sys/net/ipv4/ip_forward").trim()).toBe("1");
});

test("the check of permissions sees what this process was started without", () => {
  const code = `
    const { checkPermission } = await import("#linux/kernel/permission.ts");
    process.stdout.write(JSON.stringify(checkPermission() ?? null));`;
  expect(evaluate(code)).toBeNull();
  expect(
    evaluate(code, "setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"),
  ).toMatchObject({ code: "kernel.permission", what: expect.stringContaining("CAP_NET_ADMIN") });
});

test("a socket that may not have port 500 gives a fault about permission", () => {
  const code = `
    const { openIkeSocket } = await import("#linux/socket/ike-socket.ts");
    const listener = { datagram() {}, fault() {} };
    const result = openIkeSocket({ address: "192.168.12.1", port: 500 }, listener);
    process.stdout.write(JSON.stringify(result));
    process.exit();`;
  for (const lost of ["net_admin", "net_bind_service"]) {
    expect(
      evaluate(code, "setpriv", `--bounding-set=-${lost}`, `--inh-caps=-${lost}`),
    ).toMatchObject({ ok: false, error: { code: "socket.permission", isTransient: false } });
  }
});

test("this kernel's own ciphers and release are read", () => {
  const evidence = readEvidence();
  expect(evidence.release).toMatch(/^\d+\.\d+/);
  expect(evidence.crypto.size).toBeGreaterThan(0);
});
