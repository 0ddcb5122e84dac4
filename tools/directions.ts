/** Holds a tree to the direction rules of `.dependency-cruiser.cjs`. */
import { globSync } from "node:fs";
import path from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import extractDepcruiseOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

const root = path.resolve(import.meta.dirname, "..");

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Every broken rule in `firmware/` below `base`.
 * @throws {Error} when the tool saw fewer modules than there are files: with a parser missing it looks at nothing and
 * finds nothing.
 */
export async function violations(base: string): Promise<readonly Violation[]> {
  const options = await extractDepcruiseOptions(path.join(root, ".dependency-cruiser.cjs"));
  const run = await cruise(["firmware"], { ...options, baseDir: base }, undefined, {
    tsConfig: extractTSConfig(path.join(root, "tsconfig.json")),
  });
  const result = run.output as ICruiseResult;
  const seen = result.modules.filter((module) => module.source.startsWith("firmware/")).length;
  const files = globSync("firmware/**/*.{ts,tsx}", { cwd: base }).length;
  if (seen < files)
    throw new Error(`only ${seen} of ${files} files were looked at: is @swc/core installed?`);
  return result.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}
