import { expect, test } from "vitest";
import { emptyFirewall, type Firewall } from "#dataplane/desired.ts";
import { sameFirewall, transitionalFirewall } from "#dataplane/firewall-transition.ts";
import type { Prefix } from "#lib/ip.ts";

const entry = (client: string, networks: string[], allowed = ["Tunnel0"]) => ({
  client,
  networks: networks as Prefix[],
  allowed,
});
const nat = (tunnel: string, inside = "br-lan") => ({ inside: [inside], tunnel });
const firewall = (changes: Partial<Firewall>): Firewall => ({ ...emptyFirewall, ...changes });

test("when nothing is to go the rules are the desired ones at once", () => {
  const before = firewall({ killSwitch: [entry("hq", ["10.1.0.0/16"])] });
  const after = firewall({
    killSwitch: [entry("hq", ["10.1.0.0/16", "10.2.0.0/16"])],
    nat: [nat("Tunnel0")],
  });
  expect(transitionalFirewall(before, after)).toEqual(after);
  expect(transitionalFirewall(undefined, after)).toEqual(after);
});

test("networks that are to be let go stay protected meanwhile, by one entry a client", () => {
  const before = firewall({
    killSwitch: [entry("hq", ["10.1.0.0/16", "10.9.0.0/16"], ["Tunnel1"])],
  });
  const after = firewall({ killSwitch: [entry("hq", ["10.1.0.0/16"])] });
  expect(transitionalFirewall(before, after).killSwitch).toEqual([
    entry("hq", ["10.1.0.0/16", "10.9.0.0/16"], ["Tunnel0", "Tunnel1"]),
  ]);
});

test("the kill switch of a client that goes stays meanwhile", () => {
  const before = firewall({ killSwitch: [entry("hq", ["10.1.0.0/16"])] });
  expect(transitionalFirewall(before, emptyFirewall)).toEqual(before);
});

test("a tunnel's translation changes at once, and one that goes stays meanwhile", () => {
  const before = firewall({ nat: [nat("Tunnel0"), nat("Tunnel1")] });
  const after = firewall({ nat: [nat("Tunnel0", "br-guest")] });
  expect(transitionalFirewall(before, after).nat).toEqual([
    nat("Tunnel0", "br-guest"),
    nat("Tunnel1"),
  ]);
});

test("equal rules are equal whatever the order of their keys, and any further word makes a difference", () => {
  const plain = entry("hq", ["10.1.0.0/16"]);
  const turned = { allowed: plain.allowed, networks: plain.networks, client: plain.client };
  const a = firewall({ killSwitch: [plain] });
  expect(sameFirewall(a, firewall({ killSwitch: [turned] }))).toBe(true);
  expect(sameFirewall(a, firewall({ killSwitch: [{ ...plain, forwardedOnly: true }] }))).toBe(
    false,
  );
});

test("networks that were only presumed stay out of the router's own way while they go", () => {
  const presumed = { ...entry("hq", ["10.0.0.0/8"]), forwardedOnly: true as const };
  const learnt = entry("hq", ["10.1.0.0/16"]);
  const meanwhile = transitionalFirewall(
    firewall({ killSwitch: [presumed] }),
    firewall({ killSwitch: [learnt] }),
  );
  expect(meanwhile.killSwitch).toEqual([learnt, presumed]);
});
