/** What must not be in a support archive, and takes it out wherever it got in. The last of several guards. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { MASK, secretAt } from "#config/secret-paths.ts";

/** Shorter ones are words that a text may have by chance. */
const SHORTEST = 4;

type Path = readonly (string | number)[];

/**
 * Every secret that a configuration holds or names, as text: what is written there, files, variables.
 * @param data of the file, whatever it is. @param configFile relative paths begin at its folder.
 */
export function secretsOf(
  data: unknown,
  configFile: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const found = new Set<string>();
  const visit = (value: unknown, path: Path): void => {
    if (secretAt([...path])?.length === path.length) {
      for (const text of textsOf(value, configFile, env)) found.add(text);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      visit(item, [...path, Array.isArray(value) ? Number(key) : key]);
      if (/psk|password|secret|community|key$/i.test(key))
        for (const text of textsOf(item, configFile, env)) found.add(text);
    }
  };
  visit(data, []);
  return [...found].filter((text) => text.length >= SHORTEST);
}

/** Takes secrets out of a text: as they are, as JSON writes them, and in hexadecimal and base64. */
export function masking(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

function textsOf(
  value: unknown,
  configFile: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (typeof value === "string") return linesOf(value);
  if (typeof value !== "object" || value === null) return [];
  if ("file" in value && typeof value.file === "string")
    return linesOf(readText(resolve(dirname(configFile), value.file)));
  if ("env" in value && typeof value.env === "string") return linesOf(env[value.env] ?? "");
  return [];
}

/** A key in PEM is many lines, and each of them tells. */
function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("-----"));
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    hex,
    hex.toUpperCase(),
    bytes.toString("base64").replace(/=+$/, ""),
  ];
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
