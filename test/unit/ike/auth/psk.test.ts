import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pskAuth, verifyPskAuth } from "#ike/auth/psk.ts";
import { signedOctets } from "#ike/auth/signed-octets.ts";
import { toHex } from "#lib/bytes.ts";
import { SecretBytes } from "#lib/secret.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

interface Capture {
  readonly psk: string;
  readonly auth_trace: readonly { readonly what: string; readonly hex: string }[];
}
const capture: Capture = JSON.parse(
  readFileSync(
    new URL("../../../vectors/captures/psk-gcm256-x25519.json", import.meta.url),
    "utf8",
  ),
);
const PRF_HMAC_SHA2_384 = 6;

/** The two halves of the recorded IKE_AUTH, five trace lines each. */
const halves = [0, 5].map((start) =>
  capture.auth_trace.slice(start, start + 5).map(({ hex }) => fromHex(hex)),
);
const secretKey = (): SecretBytes => new SecretBytes(new TextEncoder().encode(capture.psk));

test.each(halves)("AUTH by shared key is the one on the recorded wire", (...trace) => {
  const [, , octets, , auth] = trace;
  expect(toHex(pskAuth(PRF_HMAC_SHA2_384, secretKey(), octets!))).toBe(toHex(auth!));
});

test.each(halves)("the signed octets end in the MAC of the identity body", (...trace) => {
  const [identity, skP, octets] = trace;
  const message = octets!.subarray(0, octets!.length - 48 - 32);
  const nonce = octets!.subarray(octets!.length - 48 - 32, octets!.length - 48);
  const built = signedOctets(
    PRF_HMAC_SHA2_384,
    message,
    nonce,
    new SecretBytes(skP!.slice()),
    identity!,
  );
  expect(toHex(built)).toBe(toHex(octets!));
});

test("AUTH of another key, and AUTH of another length, are refused", () => {
  const [, , octets, , auth] = halves[0]!;
  const verify = (key: SecretBytes, received: Uint8Array): boolean =>
    verifyPskAuth(PRF_HMAC_SHA2_384, key, octets!, received);
  expect(verify(secretKey(), auth!)).toBe(true);
  expect(verify(new SecretBytes(new TextEncoder().encode("another")), auth!)).toBe(false);
  expect(verify(secretKey(), auth!.subarray(1))).toBe(false);
  expect(verify(secretKey(), new Uint8Array(0))).toBe(false);
});
