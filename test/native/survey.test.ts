/** What the kernel has, for a support case: read on the real kernel, without keys. */
import { expect, test } from "vitest";
import { surveyKernel } from "#linux/survey.ts";

test("the survey has interfaces, addresses and routes as JSON, or says why not", async () => {
  const survey = JSON.parse(JSON.stringify(await surveyKernel()));
  expect(survey.links).toContainEqual(expect.objectContaining({ name: "lo", isUp: true }));
  expect(survey.addresses).toContainEqual(expect.objectContaining({ address: "127.0.0.1/8" }));
  for (const part of ["ipv4-routes", "ipv6-routes", "security-associations", "policies"])
    expect(Array.isArray(survey[part]) || /^can't be read: E/.test(survey[part])).toBe(true);
});
