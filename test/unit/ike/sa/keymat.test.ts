import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  deriveChildKeys,
  deriveIkeKeys,
  deriveRekeyedIkeKeys,
  type IkeKeys,
  type NoncePair,
  wipeIkeKeys,
} from "#ike/sa/keymat.ts";
import type { EspSuite, IkeSuite } from "#ike/sa/proposal.ts";
import { toHex } from "#lib/bytes.ts";
import { SecretBytes } from "#lib/secret.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

interface Capture {
  readonly ike_keysets: readonly Readonly<Record<string, string>>[];
  readonly child_keysets: readonly Readonly<Record<string, string>>[];
}

const folder = new URL("../../../vectors/captures/", import.meta.url);
const load = (name: string): Capture =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));

/** What the recorded sessions negotiated; the capture names it in strongSwan's words. */
const suites: Readonly<Record<string, { ike: IkeSuite; esp: EspSuite }>> = {
  "psk-gcm256-x25519": {
    ike: { encryption: { id: 20, keyLength: 256 }, prf: 6, keyExchange: 31 },
    esp: { encryption: { id: 20, keyLength: 256 }, esn: false },
  },
  "psk-cbc256-modp2048": {
    ike: { encryption: { id: 12, keyLength: 256 }, integrity: 12, prf: 5, keyExchange: 14 },
    esp: { encryption: { id: 12, keyLength: 256 }, integrity: 12, esn: false },
  },
  "psk-responder-rekeys-delete": {
    ike: { encryption: { id: 20, keyLength: 128 }, prf: 5, keyExchange: 31 },
    esp: { encryption: { id: 20, keyLength: 128 }, esn: false },
  },
  "ecdsa-chacha-ecp384-frag": {
    ike: { encryption: { id: 28 }, prf: 7, keyExchange: 20 },
    esp: { encryption: { id: 28 }, esn: false },
  },
};

const secret = (hex: string | undefined): SecretBytes => new SecretBytes(fromHex(hex ?? ""));

/** Both nonces of these captures have 32 bytes. */
function noncePair(hex: string): NoncePair {
  return { initiator: fromHex(hex.slice(0, 64)), responder: fromHex(hex.slice(64, 128)) };
}

function plain(keys: IkeKeys): Readonly<Record<string, string>> {
  const entries = Object.entries(keys) as [string, SecretBytes][];
  return Object.fromEntries(
    entries
      .filter(([, key]) => key.length > 0)
      .map(([name, key]) => [name.replace(/^sk/, "sk_").toLowerCase(), toHex(key.reveal())]),
  );
}

function recorded(keyset: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(keyset).filter(([name]) => name.startsWith("SK_"));
  return Object.fromEntries(entries.map(([name, key]) => [name.toLowerCase(), key]));
}

describe.each(Object.entries(suites))("%s", (name, { ike, esp }) => {
  const capture = load(name);
  const [first, second] = capture.ike_keysets;
  if (!first || !second) throw new Error("the capture holds a first IKE SA and its rekey");

  test("the keys of the first IKE SA are those of the recorded session", () => {
    const spis = {
      initiator: BigInt(`0x${first["spii"]}`),
      responder: BigInt(`0x${first["spir"]}`),
    };
    const nonces = noncePair(first["nonces"] ?? "");
    const keys = deriveIkeKeys(ike, secret(first["secret"]), nonces, spis);
    expect(plain(keys)).toEqual(recorded(first));
  });

  // Some captures end before the new SA carries a message, so its SPIs are not known.
  if (second["spii"])
    test("the keys after an IKE rekey come from the old SK_d", () => {
      const spis = {
        initiator: BigInt(`0x${second["spii"]}`),
        responder: BigInt(`0x${second["spir"]}`),
      };
      const nonces = noncePair(second["nonces"] ?? "");
      const old = { prf: ike.prf, skD: secret(first["SK_d"]) };
      const keys = deriveRekeyedIkeKeys(ike, old, secret(second["secret"]), nonces, spis);
      expect(plain(keys)).toEqual(recorded(second));
    });

  test("the keys of every Child SA come from SK_d, the nonces and the exchange's own secret", () => {
    for (const child of capture.child_keysets) {
      const parent = capture.ike_keysets[child["derived_from"] === "keyset1.SK_d" ? 1 : 0];
      const seed = child["seed"] ?? "";
      const shared = seed.slice(0, seed.length - 128);
      const keys = deriveChildKeys(
        ike.prf,
        secret(parent?.["SK_d"]),
        esp,
        noncePair(seed.slice(-128)),
        shared ? secret(shared) : undefined,
      );
      const { initiatorToResponder: out, responderToInitiator: back } = keys;
      expect(toHex(out.encryption.reveal())).toBe(child["encryption initiator key"]);
      expect(toHex(back.encryption.reveal())).toBe(child["encryption responder key"]);
      expect(out.integrity && toHex(out.integrity.reveal())).toBe(
        child["integrity initiator key"] || undefined,
      );
      expect(back.integrity && toHex(back.integrity.reveal())).toBe(
        child["integrity responder key"] || undefined,
      );
    }
  });
});

test("wiping an IKE SA's keys leaves none of the seven readable", () => {
  const { ike } = suites["psk-cbc256-modp2048"]!;
  const nonces = { initiator: new Uint8Array(32), responder: new Uint8Array(32).fill(1) };
  const spis = { initiator: 1n, responder: 2n };
  const keys = deriveIkeKeys(ike, new SecretBytes(new Uint8Array(256)), nonces, spis);
  wipeIkeKeys(keys);
  expect((Object.values(keys) as SecretBytes[]).map((key) => key.isWiped)).toEqual(
    Array.from({ length: 7 }, () => true),
  );
});
