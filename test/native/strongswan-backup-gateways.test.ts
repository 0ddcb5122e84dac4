/** Backup gateways as a real hub pushes them: strongSwan sends any attribute of a pool, by its number. */
import { describe, expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import { withStrongswan } from "#test/lab/native-lab.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

/** What swanctl.conf says under 28681, and what the branch makes of it. */
const forms = [
  ["names in quotes go as text", '"hub2.lab hub3.lab"', ["hub2.lab", "hub3.lab"]],
  [
    "addresses go in four bytes, an attribute each",
    "203.0.113.2,203.0.113.3",
    ["203.0.113.2", "203.0.113.3"],
  ],
] as const;

describe("backup gateways of strongSwan", () => {
  for (const [what, written, gateways] of forms) {
    withStrongswan(what, async (lab) => {
      const pools = { v4: { 28681: written } };
      await lab.hub.start({ swanctl: pskHub(lab.topology, "hub1", { pools }) });
      const session = await lab.start(pskBranch());

      expect((await session.up()).backupServers).toEqual(gateways);
      await lab.expectSameSas(session);
    });
  }
});
