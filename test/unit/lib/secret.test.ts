import { inspect } from "node:util";
import { expect, test } from "vitest";
import { InvariantError } from "#lib/invariant.ts";
import { SecretBytes, SecretText } from "#lib/secret.ts";

test.each([
  ["bytes", new SecretBytes(new TextEncoder().encode("planted"))],
  ["text", new SecretText("planted")],
])("secret %s print masked by every way of printing", (_, secret) => {
  const outputs = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    String(secret),
    secret.toString(),
  ];
  for (const output of outputs) {
    expect(output).toContain("•••");
    expect(output).not.toContain("planted");
    expect(output).not.toContain("112, 108");
  }
});

test("wiping overwrites the bytes themselves and any later use is refused", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const secret = new SecretBytes(bytes);
  secret.wipe();
  secret.wipe();
  expect(bytes).toEqual(new Uint8Array(3));
  expect(secret.isWiped).toBe(true);
  expect(() => secret.reveal()).toThrow(InvariantError);
});

test("secrets compare by what they hold, and a wiped one equals nothing", () => {
  const key = new SecretBytes(Uint8Array.of(1, 2, 3));
  expect(key.equals(new SecretBytes(Uint8Array.of(1, 2, 3)))).toBe(true);
  expect(key.equals(new SecretBytes(Uint8Array.of(1, 2, 4)))).toBe(false);
  expect(key.equals(new SecretBytes(Uint8Array.of(1, 2)))).toBe(false);

  key.wipe();

  expect(key.equals(key)).toBe(false);
  expect(new SecretText("a").equals(new SecretText("a"))).toBe(true);
  expect(new SecretText("a").equals(new SecretText("b"))).toBe(false);
});
