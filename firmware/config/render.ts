import { stringify } from "yaml";
import type { ConfigPath } from "./config-error.ts";
import { secretAt } from "./secret-paths.ts";

/** What stands in the place of a secret; a file that has it is refused, so that it can't become one. */
export const MASK = "•••";

/**
 * Writes configuration data as YAML. A secret that is written out is masked; where it is kept (`{ file: … }`) is shown.
 * Comments of the file are not part of the data: they could hold an old secret.
 */
export function renderConfig(data: unknown): string {
  return stringify(masked(data, []), { aliasDuplicateObjects: false, lineWidth: 0 });
}

function masked(value: unknown, path: ConfigPath): unknown {
  const isSecret = secretAt(path)?.length === path.length;
  if (isSecret && typeof value === "string") return MASK;
  if (Array.isArray(value)) return value.map((item, index) => masked(item, [...path, index]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, masked(item, [...path, key])]),
  );
}
