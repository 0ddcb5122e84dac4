import { type ConfigError, formatConfigError } from "#config/config-error.ts";
import type { ReadFile } from "#config/file-access.ts";
import { type LoadedConfig, type LoadInput, loadCompleteConfig } from "#config/load.ts";
import { invariant } from "#lib/invariant.ts";
import { failed, ok } from "#lib/result.ts";

/** The pre-shared key that tests plant; it must never come out again. */
export const plantedSecret = "correct-horse-battery";

export interface BranchFile {
  readonly text: string | Uint8Array;
  readonly mode?: number;
  readonly owner?: "self" | "root" | "other";
}

/** A file system made of its files: a file is private and owned by us where nothing else is said. */
export function branchFiles(files: Readonly<Record<string, string | BranchFile>>): ReadFile {
  return (path) => {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file === undefined) return failed("ENOENT");
    const { text, mode = 0o600, owner = "self" } = typeof file === "string" ? { text: file } : file;
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    return ok({ bytes, mode, owner });
  };
}

/** The files of a branch that needs nothing but its pre-shared key. */
export const pskFiles = {
  "/etc/hostname": "branch12\n",
  "/etc/flexspoke/secrets/hq.psk": `${plantedSecret}\n`,
};

/** The short configuration of the manual. */
export const shortConfig = `ikev2:
  profiles:
    hq:
      local:  { identity: fqdn:branch12.example.net, authentication: psk, psk: { file: secrets/hq.psk } }
      remote: { identity: fqdn:hub.example.net,      authentication: psk, psk: { file: secrets/hq.psk } }
clients:
  hq:
    peers: [ { fqdn: hub1.example.net }, { fqdn: hub2.example.net } ]
    inside: [ br-lan ]
`;

type Around = Partial<Omit<LoadInput, "text" | "readFile" | "onWarning">> & {
  readonly files?: Readonly<Record<string, string | BranchFile>>;
};

/** What `loadCompleteConfig` says of `text` as /etc/flexspoke/config.yaml; faults without the file's name. */
export function check(text: string, around: Around = {}) {
  const { files = pskFiles, ...rest } = around;
  const warnings: string[] = [];
  const short = (fault: ConfigError) => formatConfigError({ ...fault, file: "" }).slice(1);
  const loaded = loadCompleteConfig({
    path: "/etc/flexspoke/config.yaml",
    env: {},
    ...rest,
    text,
    readFile: branchFiles(files),
    onWarning: (warning) => warnings.push(short(warning)),
  });
  return { loaded, errors: loaded.ok ? [] : loaded.error.map(short), warnings };
}

/** The configuration of a text that must be valid. */
export function load(text: string, around: Around = {}): LoadedConfig {
  const { loaded, errors } = check(text, around);
  invariant(loaded.ok, `the configuration is valid, but: ${errors.join("; ")}`);
  return loaded.value;
}

/** `shortConfig` with lines added to its client, its profile, or at its end. */
export function withLines(place: "client" | "profile" | "end", lines: string): string {
  const indent = { client: "    ", profile: "      ", end: "" }[place];
  const block = lines
    .split("\n")
    .map((line) => `${indent}${line}\n`)
    .join("");
  if (place === "profile") return shortConfig.replace("clients:\n", `${block}clients:\n`);
  return shortConfig + block;
}
