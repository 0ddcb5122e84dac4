import { expect, test } from "vitest";
import { compareVersions, isVersion } from "#update/version.ts";

// semver.org §11.4
const ascending = [
  "0.9.9",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "1.0.1",
  "1.2.0",
  "1.10.0",
];

test("versions are ordered as semver.org orders them", () => {
  for (const [at, a] of ascending.entries())
    for (const [other, b] of ascending.entries())
      expect(Math.sign(compareVersions(a, b) ?? Number.NaN), `${a} ${b}`).toBe(
        Math.sign(at - other),
      );
});

test("what comes after a plus sign makes no version newer", () => {
  expect(compareVersions("1.0.0+today", "1.0.0")).toBe(0);
});

test("what is no version can't be compared", () => {
  expect(compareVersions("development", "1.0.0")).toBeUndefined();
  for (const text of ["", "1", "1.0", "v1.0.0", "1.0.0 "]) expect(isVersion(text)).toBe(false);
});
