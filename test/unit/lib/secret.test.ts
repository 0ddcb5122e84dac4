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
