import { randomBytes, scryptSync } from "node:crypto";
import { formatPasswordHash } from "#config/password-hash-syntax.ts";

/** A password hash that an emulated processor checks in no time; for tests and demonstrations, not for a router. */
export function cheapHash(password: string): string {
  const [cost, blockSize, parallelization] = [1_024, 1, 1];
  const salt = randomBytes(16);
  const key = scryptSync(password, salt, 32, { cost, blockSize, parallelization });
  return formatPasswordHash({ cost, blockSize, parallelization, salt, key });
}
