import { expect, test } from "vitest";
import { seconds } from "#lib/duration.ts";
import { dnsFault, resolveName } from "#linux/dns/resolve.ts";

const question = { name: "hub1.example.net", family: "dynamic", timeout: seconds(5) } as const;

test("localhost resolves without a network", async () => {
  const result = await resolveName({ ...question, name: "localhost", family: "ipv4" });
  expect(result).toEqual({ ok: true, value: ["127.0.0.1"] });
});

test("an address is its own answer", async () => {
  const result = await resolveName({ ...question, name: "2001:DB8::1" });
  expect(result).toEqual({ ok: true, value: ["2001:db8::1"] });
});

test.each([
  ["ENOTFOUND", "dns.not-found", "the name hub1.example.net has no address"],
  [
    "EAI_AGAIN",
    "dns.server-unreachable",
    "the name servers gave no answer about hub1.example.net (EAI_AGAIN)",
  ],
  ["ETIMEDOUT", "dns.timeout", "no answer about hub1.example.net within 5 s"],
])("%s becomes %s", (errno, code, what) => {
  const fault = dnsFault(question, errno);
  expect(fault).toMatchObject({ code, what, errno });
  expect(fault.remedy).not.toBe("");
});
