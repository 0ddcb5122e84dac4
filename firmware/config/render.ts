import { stringify } from "yaml";
import type { CompleteConfig } from "./complete.ts";
import type { ConfigPath } from "./config-error.ts";
import { fileSchema } from "./schema.ts";
import { isMasked, MASK } from "./secret-paths.ts";

/**
 * Writes configuration data as YAML. A secret that is written out is masked; where it is kept (`{ file: … }`) is shown.
 * Comments of the file are not part of the data: they could hold an old secret.
 */
export function renderConfig(data: unknown): string {
  return stringify(masked(data, []), { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** The file with every default filled in, keys in the order of the schema, masked in the same way. */
export function renderResolved(complete: CompleteConfig): string {
  return renderConfig(fileSchema.parse(complete));
}

function masked(value: unknown, path: ConfigPath): unknown {
  if (isMasked(path) && typeof value === "string") return MASK;
  if (Array.isArray(value)) return value.map((item, index) => masked(item, [...path, index]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, masked(item, [...path, key])]),
  );
}
