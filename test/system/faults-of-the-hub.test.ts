/** What a hub refuses, and what the branch refuses of a hub: one event with the remedy, nothing left in the kernel. */
import { expect } from "vitest";
import { type BranchConfig, pskBranch } from "#test/lab/branch.ts";
import { Credentials } from "#test/lab/credentials.ts";
import type { Lab } from "#test/lab/lab.ts";
import { mergeSettings, type Settings } from "#test/lab/merge.ts";
import { scenario } from "#test/lab/scenario.ts";
import { certificateHub, pskHub } from "#test/lab/strongswan-config.ts";
import { expectCleanEnd, expectFault } from "./fault-report.ts";

interface Refusal {
  readonly name: string;
  readonly code: RegExp;
  /** What the sentence must hold: the fault, and what to do. */
  readonly words: RegExp;
  readonly hub?: Settings;
  readonly branch: BranchConfig;
}

/** The next attempt is further away than the look at this one takes. */
const patient: Settings = { clients: { hq: { backoff: { initial: "50s", max: "60s" } } } };
const profile = (hq: Settings) => mergeSettings(patient, { ikev2: { profiles: { hq } } });
const child = (net: Settings) => ({ connections: { c: { children: { net } } } });

const withSharedKey: readonly Refusal[] = [
  {
    name: "a wrong pre-shared key",
    code: /^ike\.auth\./,
    words: /;.*(key|identity)/,
    branch: { ...pskBranch(patient), files: { "secrets/hq.psk": "another key" } },
  },
  {
    name: "a hub that is not the one expected",
    code: /^ike\..*identity/,
    words: /hub1\.lab.*; set remote identity/,
    branch: pskBranch(profile({ remote: { identity: ["fqdn:other.lab"] } })),
  },
  {
    name: "no proposal in common",
    code: /^ike\..*proposal/,
    words: /;.*proposal/,
    hub: { connections: { c: { proposals: "aes128ctr-sha256-modp2048" } } },
    branch: pskBranch(patient),
  },
  {
    name: "networks that the hub does not serve",
    code: /^ike\..*(ts|selector)/,
    words: /; compare the networks/,
    hub: child({ local_ts: "fd00:1::/64" }),
    branch: pskBranch(profile({ "config-exchange": { request: ["ipv4"] } })),
  },
  {
    name: "a pool that has nothing to give",
    code: /^ike\..*address/,
    words: /; check the address pool/,
    hub: { connections: { c: { pools: "missing" } } },
    branch: pskBranch(patient),
  },
];

scenario("what goes wrong with a shared key is told once, with what to do", async (lab) => {
  for (const { name, code, words, hub, branch } of withSharedKey) {
    await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1", hub) });
    await expectRefusal(lab, name, branch, code, words);
    await lab.hub1.stop();
  }
});

scenario("what goes wrong with certificates is told once, with what to do", async (lab) => {
  for (const wish of [{ expired: true }, { untrusted: true }]) {
    const credentials = new Credentials({ kind: "p256", ...wish });
    const swanctl = certificateHub(lab.topology, "hub1");
    await lab.hub1.start({ swanctl, files: credentials.hubFiles });
    const branch = credentials.branch(patient);
    await expectRefusal(lab, JSON.stringify(wish), branch, /^ike\.auth\./, /;.*certificate/);
    await lab.hub1.stop();
  }
  const [hubs, ours] = [new Credentials({ kind: "p256" }), new Credentials({ kind: "p256" })];
  const { secrets } = pskHub(lab.topology, "hub1");
  const swanctl = mergeSettings(certificateHub(lab.topology, "hub1"), {
    connections: { c: { remote: { auth: "psk" } } },
    secrets,
  });
  await lab.hub1.start({ swanctl, files: hubs.hubFiles });
  const local = { authentication: "psk", trustpoint: undefined, psk: { file: "secrets/hq.psk" } };
  const mixed = ours.branch(profile({ local }));
  const files = { ...mixed.files, ...pskBranch().files };
  await expectRefusal(
    lab,
    "a hub of an unknown authority",
    { ...mixed, files },
    /certificate-untrusted$/,
    /; add the hub/,
  );
});

async function expectRefusal(
  { branch, topology }: Lab,
  name: string,
  config: BranchConfig,
  code: RegExp,
  words: RegExp,
): Promise<void> {
  await topology.machine.exec(`rm -rf ${topology.folder}/branch`);
  await branch.start(config);
  try {
    await expectFault(branch, code, words);
  } catch (error) {
    throw new Error(`${name}: ${String(error)}`, { cause: error });
  }
  const left = await topology.must("branch", "ip xfrm state; ip -br address show type xfrm");
  expect(left, name).not.toMatch(/^src|10\.250\.|fd00:250/m);
  expect(await topology.must("branch", "ip route show proto 186"), name).not.toMatch(/dev Tunnel/);
  await expectCleanEnd(branch);
}
