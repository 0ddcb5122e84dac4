import { expect, test } from "vitest";
import { policiesFor } from "#dataplane/policy.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { hub, ifId, sampleSa } from "./samples.ts";

const outboundSpis = (policies: ReturnType<typeof policiesFor>) =>
  policies.filter(({ direction }) => direction === "out").map(({ template }) => template.spi);

test("a pair of SAs makes one policy a direction, tied to the interface by id and request id", () => {
  const policies = policiesFor([sampleSa("in", 1), sampleSa("out", 2)], ifId);
  expect(policies.map(({ direction }) => direction)).toEqual(["in", "forward", "out"]);
  for (const policy of policies)
    expect(policy).toMatchObject({ ifId, template: { requestId: ifId, mode: "tunnel" } });
});

test("outbound traffic goes by the newest SA", () => {
  const sas = [sampleSa("out", 2), sampleSa("out", 4)];
  expect(outboundSpis(policiesFor(sas, ifId))).toEqual([4]);
});

test("inbound traffic is taken from old and new SAs alike, from any outer address", () => {
  const moved = { source: { address: "203.0.113.6" as IpAddress, port: 4_500 } };
  const policies = policiesFor([sampleSa("in", 1), sampleSa("in", 3, moved)], ifId);
  expect(policies).toHaveLength(2);
  for (const { template } of policies)
    expect(template).toMatchObject({ spi: 0, source: "0.0.0.0", destination: "0.0.0.0" });
});

test("the hub's side of the selectors is the source of what comes in", () => {
  const [policy] = policiesFor([sampleSa("in", 1)], ifId);
  expect(policy).toMatchObject({ source: "10.1.0.0/16", destination: "10.250.1.7/32" });
});

test("both families and all selectors pass, families never mixed", () => {
  const selectors = {
    local: ["10.250.1.7/32", "fd00:250::7/128"] as Prefix[],
    remote: ["10.1.0.0/16", "172.31.1.0/24", "fd00:1::/64"] as Prefix[],
  };
  const policies = policiesFor([sampleSa("out", 2, { selectors })], ifId);
  expect(policies.map(({ source, destination }) => `${source} ${destination}`)).toEqual([
    "10.250.1.7/32 10.1.0.0/16",
    "10.250.1.7/32 172.31.1.0/24",
    "fd00:250::7/128 fd00:1::/64",
  ]);
  expect(policies.every(({ template }) => template.destination === hub)).toBe(true);
});

test("the longer prefixes are asked first", () => {
  const wide = { local: ["0.0.0.0/0"] as Prefix[], remote: ["0.0.0.0/0"] as Prefix[] };
  const [narrow, all] = policiesFor(
    [sampleSa("out", 2), sampleSa("out", 4, { selectors: wide })],
    ifId,
  );
  expect(narrow?.priority).toBeLessThan(all?.priority ?? 0);
});

test("children with different selectors keep their own traffic", () => {
  const other = { local: ["10.250.1.7/32"] as Prefix[], remote: ["10.9.0.0/16"] as Prefix[] };
  const sas = [sampleSa("out", 2), sampleSa("out", 4, { selectors: other })];
  expect(outboundSpis(policiesFor(sas, ifId))).toEqual([2, 4]);
});

test("when a hub narrows to very many ranges, whole families are allowed instead", () => {
  const remote = Array.from({ length: 300 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24` as Prefix);
  const selectors = { local: ["10.250.1.7/32"] as Prefix[], remote };
  const policies = policiesFor([sampleSa("out", 2, { selectors })], ifId);
  expect(policies).toMatchObject([{ source: "0.0.0.0/0", destination: "0.0.0.0/0" }]);
});
