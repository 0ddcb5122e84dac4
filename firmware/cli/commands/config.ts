/** `check` and `config …`. What reads the configuration is heavy and is loaded when one of them runs. */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import type { Command } from "commander";
import type { ConfigError } from "#config/config-error.ts";
import type { LoadedConfig } from "#config/load.ts";
import type { WallClock } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { CliFault, exitStatus } from "../fault.ts";
import { defaultConfigFile, type Surroundings } from "../surroundings.ts";

/** Adds `check`, `config schema` and `config show`. */
export function addConfigCommands(program: Command, surroundings: Surroundings): void {
  const { stdout } = surroundings;
  program
    .command("check [file]")
    .description("validate a configuration; prints nothing when it is valid")
    .option("-w, --warnings", "print what is probably not meant, too")
    .action(async (file: string | undefined, options: { warnings?: boolean }) => {
      const printsWarnings = options.warnings ?? false;
      await load(file ?? defaultConfigFile, surroundings, { printsWarnings, looksAround: true });
    });

  const config = program.command("config").description("about the configuration file");
  config
    .command("schema")
    .description("print its JSON Schema")
    .action(async () => {
      const { configJsonSchema } = await import("#config/json-schema.ts");
      stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
  config
    .command("show [file]")
    .description("print it, secrets masked")
    .option("--resolved", "with every default filled in")
    .action(async (file: string | undefined, options: { resolved?: boolean }) => {
      const loaded = await load(file ?? defaultConfigFile, surroundings);
      const { renderConfig, renderResolved } = await import("#config/render.ts");
      stdout.write(
        options.resolved ? renderResolved(loaded.complete) : renderConfig(loaded.written),
      );
    });
}

/** @throws {CliFault} after each fault has been printed on a line of its own. */
async function load(
  path: string,
  { stderr, env }: Surroundings,
  { printsWarnings = false, looksAround = false } = {},
): Promise<LoadedConfig> {
  const text = readText(path);
  const [{ loadCompleteConfig }, { readFile }, { formatConfigError }] = await Promise.all([
    import("#config/load.ts"),
    import("#config/read-file.ts"),
    import("#config/config-error.ts"),
  ]);
  const print = (fault: ConfigError) => stderr.write(`${formatConfigError(fault)}\n`);
  const loaded = loadCompleteConfig({
    path,
    text,
    readFile,
    env,
    now: Date.now() as WallClock,
    ...(looksAround && { interfaces: machineInterfaces() }),
    ...(printsWarnings && { onWarning: print }),
  });
  if (loaded.ok) return loaded.value;
  loaded.error.forEach(print);
  throw new CliFault(exitStatus.usage, "");
}

/** What this machine has, but for loopback and link-local addresses. */
function machineInterfaces(): ReadonlyMap<string, readonly IpAddress[]> {
  const named = Object.entries(networkInterfaces()).map(([name, addresses = []]) => {
    const usable = addresses.filter(
      ({ internal, address }) => !internal && !address.startsWith("fe80:"),
    );
    return [name, usable.map(({ address }) => address as IpAddress)] as const;
  });
  return new Map(named.filter(([, addresses]) => addresses.length > 0));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "does not exist (name the configuration)",
      EACCES: "can't be read by this user (run as root)",
      EISDIR: "is a folder (name the file in it)",
    };
    throw new CliFault(exitStatus.usage, `${path} ${reasons[code] ?? `can't be read: ${code}`}`);
  }
}
