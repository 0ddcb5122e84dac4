import { InvariantError } from "./invariant.ts";

/** Marks a branch that the types say can't be reached. @throws {InvariantError} always. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`);
}
