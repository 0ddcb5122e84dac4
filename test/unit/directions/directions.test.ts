import path from "node:path";
import { expect, test } from "vitest";
import { violations } from "../../../tools/directions.ts";

const fixture = path.join(import.meta.dirname, "fixture");
const broken = new Set((await violations(fixture)).map(({ rule, from }) => `${rule}: ${from}`));

test.each([
  [
    "engines-never-reach-io: firmware/ike/through-lib.ts",
    "an engine that reads files through an innocent module",
  ],
  [
    "lib-imports-only-what-it-may: firmware/lib/innocent.ts",
    "an import that the folder's row does not name",
  ],
  ["codecs-never-reach-io: firmware/linux/xfrm/codec.ts", "a codec that reaches a disk"],
  ["cli-asks-the-api: firmware/cli/asks-engine.ts", "a command that talks to an engine"],
  ["engines-meet-in-types: firmware/flexvpn/allowed.ts", "an engine that calls another one"],
  [
    "only-the-daemon-composes: firmware/linux/asks-daemon.ts",
    "an edge that imports the composition root",
  ],
  ["no-cycles: firmware/daemon/loop.ts", "two files that import each other"],
])("the rule fires: %s (%s)", (violation) => {
  expect(broken).toContain(violation);
});

test("the tree itself breaks no rule, and all of it was looked at", async () => {
  expect(await violations(path.resolve(import.meta.dirname, "../../.."))).toEqual([]);
}, 60_000);
