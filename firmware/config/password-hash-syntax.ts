/** The text form of a password hash: `scrypt$N$r$p$SALT$KEY`, salt and key in base64url without padding. RFC 7914 */

/** What a password is checked against. */
export interface PasswordHash {
  /** N, a power of two. */
  readonly cost: number;
  /** r */
  readonly blockSize: number;
  /** p */
  readonly parallelization: number;
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

/** What one check may take: more would let a login starve the router. Bytes. */
const MOST_MEMORY = 64 * 1024 * 1024;

/** Reads a hash; undefined when `text` is none, or one that is too weak or too costly to check here. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,128})\$([\w-]{43,128})$/.exec(
    text,
  );
  if (!match) return undefined;
  const [cost, blockSize, parallelization] = match.slice(1, 4).map(Number) as [
    number,
    number,
    number,
  ];
  const isPowerOfTwo = cost >= 1024 && (cost & (cost - 1)) === 0;
  if (!isPowerOfTwo || blockSize < 1 || parallelization < 1 || parallelization > 16)
    return undefined;
  if (128 * cost * blockSize > MOST_MEMORY) return undefined;
  const salt = fromBase64Url(match[4] ?? "");
  const key = fromBase64Url(match[5] ?? "");
  return { cost, blockSize, parallelization, salt, key };
}

/** The text that `parsePasswordHash` reads. */
export function formatPasswordHash(hash: PasswordHash): string {
  const { cost, blockSize, parallelization, salt, key } = hash;
  return ["scrypt", cost, blockSize, parallelization, toBase64Url(salt), toBase64Url(key)].join(
    "$",
  );
}

const fromBase64Url = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64url"));

const toBase64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
