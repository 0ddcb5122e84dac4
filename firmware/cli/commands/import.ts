/** `import ios`: another product's configuration as ours. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { ImportedConfig } from "#config/ios/import-ios.ts";
import { CliFault, exitStatus } from "../fault.ts";
import type { Surroundings } from "../surroundings.ts";
import { addImportUci } from "./import-uci.ts";

interface ImportIosOptions {
  readonly output?: string;
  readonly force?: boolean;
  readonly interface: ReadonlyMap<string, string>;
}

/** Adds `import ios` and `import uci`. */
export function addImportCommand(program: Command, surroundings: Surroundings): void {
  const importing = program
    .command("import")
    .description("take over the configuration of another product");
  addImportUci(importing, surroundings);
  importing
    .command("ios <file>")
    .description("print what the FlexVPN client of a Cisco IOS running-config amounts to")
    .option("-o, --output <folder>", "write config.yaml, secrets and certificates there instead")
    .option("--force", "overwrite files that exist")
    .option(
      "--interface <router=here>",
      "name of an interface here, such as GigabitEthernet0/0/0=wan0; may be repeated",
      readInterface,
      new Map<string, string>(),
    )
    .action((file: string, options: ImportIosOptions) => importFrom(file, options, surroundings));
}

/** linux/if.h: IFNAMSIZ leaves 15 characters. */
function readInterface(text: string, before: ReadonlyMap<string, string>): Map<string, string> {
  const [, router, here] = /^([^=]+)=([^\s/:]{1,15})$/.exec(text) ?? [];
  if (router === undefined || here === undefined)
    throw new InvalidArgumentError("Not ROUTER=HERE, such as GigabitEthernet0/0/0=wan0.");
  return new Map([...before, [router.trim(), here]]);
}

async function importFrom(
  file: string,
  { output, force = false, interface: interfaces }: ImportIosOptions,
  { stdout, stderr }: Surroundings,
): Promise<void> {
  const text = readText(file);
  const { importIos } = await import("#config/ios/import-ios.ts");
  const imported = importIos(text, { interfaces, source: path.basename(file) });
  for (const line of report(file, imported, output)) stderr.write(`${line}\n`);
  if (imported.clients === 0)
    throw new CliFault(
      exitStatus.failed,
      `${file} has no FlexVPN client that could be carried over (see the lines above)`,
    );
  if (output === undefined) stdout.write(imported.yaml);
  else writeFiles(output, imported, force);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new CliFault(exitStatus.usage, `${file} can't be read: ${code} (name a running-config)`);
  }
}

/** What a person has to know: lines left out, names of interfaces, files to be put there. */
function report(
  file: string,
  imported: ImportedConfig,
  output: string | undefined,
): readonly string[] {
  const { remarks, interfaces, missing, secrets, certificates } = imported;
  const left = remarks.map(({ from, to, text, reason }) => {
    const place = from === to ? `${from}` : `${from}-${to}`;
    return `${file}:${place}: ${text}: ${reason}`;
  });
  const named = interfaces
    .filter(({ router, here, isGuess }) => isGuess && router !== here)
    .map(
      ({ router, here }) =>
        `${router} is called ${here} here (--interface ${router}=NAME for another name)`,
    );
  const unused = imported.unusedInterfaces.map(
    (router) => `--interface ${router}: nothing that is carried over uses it (check its name)`,
  );
  const asked = missing.map(({ path: name, reason, line }) => {
    const place = line === undefined ? "" : `, line ${line}`;
    return `put there, mode 0600: ${name} (${reason}${place})`;
  });
  const kept = secrets.length + certificates.size;
  const advice =
    output === undefined && kept > 0
      ? [`${kept} files with keys and certificates were not written (--output FOLDER writes them)`]
      : [];
  return [...left, ...named, ...unused, ...asked, ...advice];
}

/** Secrets first: a configuration is never there without them. */
function writeFiles(
  output: string,
  { yaml, secrets, certificates }: ImportedConfig,
  force: boolean,
): void {
  const files: (readonly [string, string | Uint8Array])[] = [
    ...secrets.map(({ path: name, content }) => [name, content.reveal()] as const),
    ...certificates,
    ["config.yaml", yaml],
  ];
  const there = files.map(([name]) => path.join(output, name)).filter((name) => existsSync(name));
  if (there.length > 0 && !force)
    throw new CliFault(
      exitStatus.failed,
      `${there.join(", ")} exists already (--force overwrites it)`,
    );
  for (const [name, content] of files) {
    const target = path.join(output, name);
    mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
    // A file that is overwritten would keep its mode.
    if (force) rmSync(target, { force: true });
    writeFileSync(target, content, { mode: 0o600, flag: "wx" });
  }
  for (const { content } of secrets) content.wipe();
}
