import { expect, test } from "vitest";
import { hashPassword, inventPassword, isPassword } from "#api/password.ts";
import { formatPasswordHash, parsePasswordHash } from "#config/password-hash-syntax.ts";

test("a hash fits its password and no other, and two hashes of one password differ", async () => {
  const [first, second] = [await hashPassword("hunter2"), await hashPassword("hunter2")];
  const hash = parsePasswordHash(first)!;
  expect(formatPasswordHash(hash)).toBe(first);
  expect(first).not.toBe(second);
  expect(await isPassword("hunter2", hash)).toBe(true);
  expect(await isPassword("hunter3", hash)).toBe(false);
  expect(await isPassword("", hash)).toBe(false);
});

test("RFC 7914 §12: the third vector", async () => {
  const key =
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887";
  const salt = new Uint8Array(Buffer.from("SodiumChloride"));
  const hash = { cost: 16_384, blockSize: 8, parallelization: 1, salt };
  const expected = { ...hash, key: new Uint8Array(Buffer.from(key, "hex")) };
  expect(await isPassword("pleaseletmein", expected)).toBe(true);
});

const salt = "A".repeat(22);
const key = "B".repeat(43);
test.each([
  "",
  "scrypt$",
  `bcrypt$16384$8$5$${salt}$${key}`,
  `scrypt$16384$8$5$${salt}`,
  `scrypt$16000$8$5$${salt}$${key}`,
  `scrypt$512$8$5$${salt}$${key}`,
  `scrypt$1048576$8$1$${salt}$${key}`,
  `scrypt$16384$8$17$${salt}$${key}`,
  `scrypt$16384$8$0$${salt}$${key}`,
  `scrypt$16384$8$5$short$${key}`,
  `scrypt$16384$8$5$${salt}$short`,
])("%j is no hash that is strong enough and not too costly", (text) => {
  expect(parsePasswordHash(text)).toBeUndefined();
});

test("an invented password has 80 bits and is never the same", () => {
  const many = new Set(Array.from({ length: 100 }, inventPassword));
  expect(many.size).toBe(100);
  for (const password of many) expect(password).toMatch(/^[2-9a-z]{4}(-[2-9a-z]{4}){3}$/);
});
