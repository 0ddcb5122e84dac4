/** Passwords by scrypt (RFC 7914), away from the thread that carries the tunnels. */
import {
  type BinaryLike,
  randomBytes,
  randomInt,
  type ScryptOptions,
  scrypt,
  timingSafeEqual,
} from "node:crypto";
import { formatPasswordHash, type PasswordHash } from "#config/password-hash-syntax.ts";

/** 16 MiB and a fifth of a second on a small router; OWASP counts it equal to N = 2^17, r = 8, p = 1. */
const parameters = { cost: 16_384, blockSize: 8, parallelization: 5 } as const;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/**
 * @param cost of one check; left out, what is right for a small router.
 * @returns the hash in the form that the configuration takes.
 */
export async function hashPassword(
  password: string,
  cost: Omit<PasswordHash, "salt" | "key"> = parameters,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, { ...cost, salt, key: new Uint8Array(KEY_BYTES) });
  return formatPasswordHash({ ...cost, salt, key });
}

/** True when `password` is the one that `hash` was made of. */
export async function isPassword(password: string, hash: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.key);
}

/** A hash that no password fits: checking an unknown user's takes as long as a known one's. */
export const nobodysHash: PasswordHash = {
  ...parameters,
  salt: randomBytes(SALT_BYTES),
  key: randomBytes(KEY_BYTES),
};

/** A password that is read off a console and typed once: 80 random bits in four groups, no letters that look alike. */
export function inventPassword(): string {
  const letter = () => ALPHABET[randomInt(ALPHABET.length)] ?? "";
  const group = () => Array.from({ length: 4 }, letter).join("");
  return Array.from({ length: 4 }, group).join("-");
}

/** 32 characters, five bits each. */
const ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz";

function derive(password: BinaryLike, hash: PasswordHash): Promise<Uint8Array> {
  const { cost, blockSize, parallelization, salt, key } = hash;
  const options: ScryptOptions = {
    cost,
    blockSize,
    parallelization,
    maxmem: 256 * cost * blockSize,
  };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, key.length, options, (error, derived) =>
      error ? reject(error) : resolve(new Uint8Array(derived)),
    );
  });
}
