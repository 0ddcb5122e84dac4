import { expect, test } from "vitest";
import { prf, prfPlus, supportsPrf } from "#crypto/prf.ts";
import { InvariantError } from "#lib/invariant.ts";
import { SecretBytes } from "#lib/secret.ts";
import { fromHex } from "#test/vectors/from-hex.ts";
import kdf from "#test/vectors/nist/ikev2-kdf.json" with { type: "json" };

const ids: Record<string, number> = { sha1: 2, sha256: 5, sha384: 6, sha512: 7 };
const named = (name: string) => prf(ids[name] ?? -1);

test.each(kdf.skeyseed)("SKEYSEED is prf(Ni | Nr, g^ir) with $prf", (vector) => {
  const skeyseed = named(vector.prf).compute(fromHex(vector.nonces), fromHex(vector.secret));
  expect(skeyseed).toEqual(fromHex(vector.SKEYSEED));
});

test.each(kdf.prf_plus)("prf+ stretches a key to any length with $prf", (vector) => {
  const out = fromHex(vector.out);
  const key = new SecretBytes(fromHex(vector.key));
  expect(prfPlus(named(vector.prf), key, fromHex(vector.seed), out.length).reveal()).toEqual(out);
});

test.each(kdf.full)("the whole chain of keys from g^ir to a rekeyed SA with $prf", (vector) => {
  const f = named(vector.prf);
  const [ni, nr] = [fromHex(vector.Ni), fromHex(vector.Nr)];
  const nonces = fromHex(vector.Ni + vector.Nr);
  const skeyseed = f.compute(nonces, new SecretBytes(fromHex(vector.gir)));
  expect(skeyseed).toEqual(fromHex(vector.SKEYSEED));

  const keys = fromHex(vector.DKM);
  const seed = fromHex(vector.Ni + vector.Nr + vector.SPIi + vector.SPIr);
  expect(prfPlus(f, skeyseed, seed, keys.length).reveal()).toEqual(keys);

  const skD = keys.slice(0, f.keyLength);
  const child = fromHex(vector.DKM_child);
  expect(prfPlus(f, skD, nonces, child.length).reveal()).toEqual(child);
  const childDh = fromHex(vector.DKM_child_dh);
  const seedDh = fromHex(vector.gir_new + vector.Ni + vector.Nr);
  expect(prfPlus(f, skD, seedDh, childDh.length).reveal()).toEqual(childDh);
  expect(f.compute(skD, fromHex(vector.gir_new), ni, nr)).toEqual(fromHex(vector.SKEYSEED_rekey));
});

test("prf+ refuses more than 255 blocks", () => {
  expect(() => prfPlus(prf(2), new Uint8Array(20), new Uint8Array(1), 255 * 20 + 1)).toThrow(
    InvariantError,
  );
});

test("HMAC-MD5 is no PRF of ours", () => {
  expect(supportsPrf(1)).toBe(false);
  expect(() => prf(1)).toThrow(InvariantError);
});
