/** What a hub refuses, and what the branch makes of it: one reason with a stable code, nothing installed. */
import { describe, expect } from "vitest";
import { type BranchConfig, pskBranch } from "#test/lab/branch.ts";
import { Credentials } from "#test/lab/credentials.ts";
import type { Settings } from "#test/lab/merge.ts";
import { withStrongswan } from "#test/lab/native-lab.ts";
import { certificateHub, pskHub } from "#test/lab/strongswan-config.ts";

interface Refusal {
  readonly name: string;
  /** Code of the reason. */
  readonly code: RegExp;
  /** What the hub says in its log. */
  readonly said: RegExp;
  readonly hub?: Settings;
  readonly branch?: BranchConfig;
}

const child = (net: Settings) => ({ connections: { c: { children: { net } } } });
const wrongKey = { ...pskBranch(), files: { "secrets/hq.psk": "another key" } };
const ours = (over: Settings) => pskBranch(over);

const refusals: readonly Refusal[] = [
  {
    name: "a wrong pre-shared key",
    code: /^ike\.auth\./,
    said: /MAC mismatched[\s\S]*N\(AUTH_FAILED\)/,
    branch: wrongKey,
  },
  {
    name: "a proposal that the hub does not share",
    code: /^ike\..*proposal/,
    said: /IKE_SA_INIT response 0 \[ N\(NO_PROP\) \]/,
    hub: { connections: { c: { proposals: "aes128ctr-sha256-modp2048" } } },
  },
  {
    name: "an ESP proposal that the hub does not share",
    code: /^ike\..*proposal/,
    said: /IKE_AUTH response 1 \[.*N\(NO_PROP\)/,
    hub: child({ esp_proposals: "3des-sha1" }),
  },
  {
    name: "networks that the hub does not serve",
    code: /^ike\..*(ts|selector)/,
    said: /IKE_AUTH response 1 \[.*N\(TS_UNACCEPT\)/,
    hub: child({ local_ts: "fd00:1::/64" }),
    branch: ours({ ikev2: { profiles: { hq: { "config-exchange": { request: ["ipv4"] } } } } }),
  },
  {
    name: "a pool that has nothing to give",
    code: /^ike\..*address/,
    said: /N\(INT_ADDR_FAIL\)/,
    hub: { connections: { c: { pools: "missing" } } },
  },
  {
    name: "an identity that is not the hub's",
    code: /^ike\..*identity/,
    said: /IKE_SA c\[1\] established/,
    branch: ours({ ikev2: { profiles: { hq: { remote: { identity: ["fqdn:other.lab"] } } } } }),
  },
];

describe("refusals with strongSwan", () => {
  for (const { name, code, said, hub, branch } of refusals) {
    withStrongswan(`${name} ends the session with a reason`, async (lab) => {
      await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1", hub) });
      const session = await lab.start(branch ?? pskBranch());

      const reason = await session.down();

      expect(reason.code).toMatch(code);
      expect(reason.remedy).toBeTruthy();
      expect(await lab.hub.log()).toMatch(said);
      expect(session.spis()).toEqual({ in: [], out: [] });
      expect(session.of("event").filter(({ event }) => event.severity === "error")).toHaveLength(1);
    });
  }

  for (const [name, wish] of [
    ["has ended", { expired: true }],
    ["comes from an unknown authority", { untrusted: true }],
  ] as const) {
    withStrongswan(`a certificate that ${name} is refused by the hub`, async (lab) => {
      const credentials = new Credentials({ kind: "p256", ...wish });
      const files = credentials.hubFiles;
      await lab.hub.start({ swanctl: certificateHub(lab.topology, "hub1"), files });
      const session = await lab.start(credentials.branch());

      expect((await session.down()).code).toMatch(/^ike\.auth\./);
      expect(await lab.hub.log()).toContain("N(AUTH_FAILED)");
    });
  }

  withStrongswan(
    "a hub's certificate from an unknown authority is refused by the branch",
    async (lab) => {
      const [hubs, ours] = [new Credentials({ kind: "p256" }), new Credentials({ kind: "p256" })];
      const swanctl = certificateHub(lab.topology, "hub1", {
        connections: { c: { remote: { auth: "psk" } } },
      });
      const secrets = { "ike-any": { secret: '"lab-preshared-key"' } };
      await lab.hub.start({ swanctl: { ...swanctl, secrets }, files: hubs.hubFiles });
      const mixed = ours.branch({
        ikev2: {
          profiles: {
            hq: {
              local: {
                authentication: "psk",
                trustpoint: undefined,
                psk: { file: "secrets/hq.psk" },
              },
            },
          },
        },
      });
      const session = await lab.start({
        ...mixed,
        files: { ...mixed.files, "secrets/hq.psk": "lab-preshared-key" },
      });

      expect((await session.down()).code).toMatch(/certificate|pki|untrusted/);
      expect(session.spis()).toEqual({ in: [], out: [] });
    },
  );

  withStrongswan("a hub that does not answer is given up", async (lab) => {
    const retransmit = { initial: "200ms", factor: 1.2, limit: 3 };
    const session = await lab.start(ours({ ikev2: { profiles: { hq: { retransmit } } } }));

    expect(await session.down()).toMatchObject({ isTransient: true });
    expect(session.of("sent")).toHaveLength(4);
  });
});
