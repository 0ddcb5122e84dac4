import { expect, test } from "vitest";
import { SecretBytes } from "#lib/secret.ts";
import { pppdArguments } from "#linux/dial/pppd.ts";
import { PppdOutput } from "#linux/dial/pppd-output.ts";
import { dialer } from "#test/unit/dial/story.ts";

/** Lines as pppd 2.4.9 of Debian 12 writes them. */
const success = [
  "Using interface ppp-lte",
  "Connect: ppp-lte <--> /dev/pts/1",
  "CHAP authentication succeeded",
  "local  LL address fe80::4c90:b095:8e49:ff45",
  "remote LL address fe80::acc7:9154:fbc1:47e3",
  "local  IP address 10.67.15.1",
  "remote IP address 10.0.0.1",
  "primary   DNS address 192.0.2.53",
  "secondary DNS address 192.0.2.54",
];

function read(...lines: readonly string[]): PppdOutput {
  const output = new PppdOutput("ppp-lte");
  for (const line of lines) output.read(line);
  return output;
}

test("a line is up when its own address is known, and more is told as it is learnt", () => {
  const output = new PppdOutput("ppp-lte");
  const told = success.map((line) => output.read(line)).filter((facts) => facts !== undefined);

  expect(told[0]).toEqual({ interface: "ppp-lte", addresses: ["10.67.15.1"] });
  expect(told.at(-1)).toEqual({
    interface: "ppp-lte",
    addresses: ["10.67.15.1"],
    dns: ["192.0.2.53", "192.0.2.54"],
  });
});

test.each([
  [["CHAP authentication failed"], 19, "dial.authentication-failed", /refused user name/],
  [["PAP authentication failed"], 19, "dial.authentication-failed", /refused user name/],
  [["LCP: timeout sending Config-Requests"], 10, "dial.peer-silent", /LCP had no reply/],
  [["Timeout waiting for PADO packets"], 1, "dial.no-concentrator", /PPPoE discovery/],
  [["NO DIALTONE", "Connect script failed"], 8, "dial.no-dial-tone", /no dial tone/],
  [["Connect script failed"], 8, "dial.connect-script", /connect script/],
  [["No response to 4 echo-requests"], 15, "dial.peer-not-responding", /does not respond/],
  [["LCP terminated by peer"], 0, "dial.ended-by-peer", /peer ended/],
  [["Modem hangup"], 16, "dial.modem-hang-up", /hung up/],
  [[], 4, "dial.kernel-without-ppp", /does not support PPP/],
  [[], 5, "dial.terminated", /hung up/],
  [[], 77, "dial.failed", /status 77/],
])("after %j, status %i is told as %s", (lines, status, code, words) => {
  const end = read(...lines).end(status, undefined);

  expect(end.code).toBe(code);
  expect(end.message).toMatch(words);
});

test("what pppd complains of when its options are wrong is told in its own words", () => {
  const end = read("Can't open options file /etc/ppp/peers/x: No such file").end(2, undefined);

  expect(end.message).toBe("pppd: Can't open options file /etc/ppp/peers/x: No such file");
});

test("a signal is told when nothing better is known", () => {
  expect(read().end(undefined, "SIGKILL").message).toBe("pppd was ended by SIGKILL");
});

test("a peers file can neither put pppd into the background nor take the default route of another line", () => {
  expect(pppdArguments(dialer(), "ppp-lte").join(" ")).toBe(
    "pppd call lte nodetach nopersist maxfail 1 noauth hide-password ifname ppp-lte " +
      "noipdefault nodefaultroute",
  );
});

test("the password of PPPoE is not in pppd's arguments", () => {
  const password = new SecretBytes(new TextEncoder().encode("hunter2"));
  const line = { kind: "pppoe", interface: "eth2", username: "u@isp", password } as const;
  const words = pppdArguments(dialer({ line }), "ppp-dsl");

  expect(words.join(" ")).toContain("plugin pppoe.so nic-eth2 user u@isp");
  expect(words.join(" ")).not.toContain("hunter2");
});
