import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type ImportedConfig, importIos } from "#config/ios/import-ios.ts";
import { makePki } from "#test/support/pki.ts";
import type { BranchFile } from "./branch-files.ts";

const folder = path.resolve(import.meta.dirname, "../../vectors/ios");
const pki = makePki();

/** Running-configs of `test/vectors/ios`, by name. */
export const corpus: readonly string[] = readdirSync(folder).filter((name) =>
  name.endsWith(".cfg"),
);

/** The text of one of them. */
export const corpusText = (name: string): string => readFileSync(path.join(folder, name), "utf8");

/** Imports one of them. */
export const importCorpus = (name: string): ImportedConfig =>
  importIos(corpusText(name), { source: name });

/** The files that belong beside an imported configuration: what it made, and what an operator types in. */
export function filesBeside(
  { secrets, certificates, missing }: ImportedConfig,
  { typedIn = true } = {},
): Readonly<Record<string, string | BranchFile>> {
  const at = (name: string) => `/etc/flexspoke/${name}`;
  const typed = (name: string) =>
    name.endsWith(".key")
      ? pki.branch.keyPem
      : name.endsWith("-ca.pem")
        ? pki.root.pem
        : name.endsWith(".pem")
          ? pki.branch.chainPem
          : "typed-in";
  return Object.fromEntries([
    ["/etc/hostname", "branch\n"],
    ...secrets.map(({ path: name, content }) => [at(name), { text: content.reveal() }] as const),
    ...Array.from(certificates, ([name, text]) => [at(name), text] as const),
    ...(typedIn ? missing.map(({ path: name }) => [at(name), typed(name)] as const) : []),
  ]);
}
