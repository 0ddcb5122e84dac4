import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Command } from "commander";
import type { WallClock } from "#lib/duration.ts";
import { CliFault, exitStatus } from "../fault.ts";
import { daemonFiles } from "../support/daemon-facts.ts";
import { hostFacts, kernelFiles, logTail, programOutputs } from "../support/host-facts.ts";
import { masking, secretsOf } from "../support/known-secrets.ts";
import {
  defaultConfigFile,
  type FolderOptions,
  runDir,
  type Surroundings,
  stateDir,
} from "../surroundings.ts";
import { type ArchiveFile, tarArchive } from "../tar-archive.ts";

/** Runs another command of ours with its output caught. */
type RunCommand = (words: readonly string[]) => Promise<string>;

interface SupportOptions extends FolderOptions {
  readonly config: string;
  readonly log?: string;
}

/** `tech-support [FILE]`: one archive for a support case; secrets are masked, and what could not be had is named in it. */
export function addTechSupportCommand(
  program: Command,
  surroundings: Surroundings,
  run: RunCommand,
): void {
  program
    .command("tech-support [file]")
    .description("write one archive for a support case, secrets masked")
    .option("-c, --config <file>", "configuration", defaultConfigFile)
    .option("--log <file>", "log of the daemon, where neither journald nor logd has it")
    .action(async (file: string | undefined, _options: object, command: Command) => {
      const options = command.optsWithGlobals<SupportOptions>();
      const now = (surroundings.now ?? Date.now)();
      const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "");
      const name = `flexspoke-support-${stamp}`;
      const target = resolve(file ?? `${name}.tar.gz`);
      const files = await gather(options, surroundings, run);
      const archive = tarArchive(
        files.map((each) => ({ ...each, name: `${name}/${each.name}` })),
        now,
      );
      write(target, await promisify(gzip)(archive));
      surroundings.stdout.write(`${target}\n`);
    });
}

async function gather(
  options: SupportOptions,
  surroundings: Surroundings,
  run: RunCommand,
): Promise<readonly ArchiveFile[]> {
  const missing: string[] = [];
  const miss = (what: string) => missing.push(what);
  const { env } = surroundings;
  const { PATH: path = "" } = env;
  const config = await configuration(options.config, surroundings);
  const mask = masking(config.secrets);
  const folder = runDir(options, surroundings);
  const files = [
    ...config.files,
    hostFacts(surroundings.version, stateDir(options, { env })),
    ...kernelFiles(),
    ...(await programOutputs(path)),
    ...(options.log === undefined ? [] : [logTail(options.log)]),
    ...(await daemonFiles(folder, (line) => run(["--run-dir", folder, ...line.split(" ")]), miss)),
  ];
  return [
    { name: "README.txt", content: readme(missing) },
    ...files.map(({ name, content }) => ({ name, content: mask(String(content)) })),
  ];
}

interface MaskedConfiguration {
  readonly files: readonly ArchiveFile[];
  readonly secrets: readonly string[];
}

/** The file without comments and secrets, and as the daemon takes it; or what is wrong with it. */
async function configuration(
  path: string,
  { env, now }: Surroundings,
): Promise<MaskedConfiguration> {
  const text = readText(path);
  if (text === undefined) return { files: [faultsFile([`${path}: can't be read`])], secrets: [] };
  const [{ loadCompleteConfig }, { readFile }, { formatConfigError }, render, { readYaml }] =
    await Promise.all([
      import("#config/load.ts"),
      import("#config/read-file.ts"),
      import("#config/config-error.ts"),
      import("#config/render.ts"),
      import("#config/yaml-source.ts"),
    ]);
  const faults: string[] = [];
  const loaded = loadCompleteConfig({
    path,
    text,
    readFile,
    env,
    now: (now ?? Date.now)() as WallClock,
    onWarning: (warning) => faults.push(formatConfigError(warning)),
  });
  const secrets = secretsOf(readYaml(path, text).value, path, env);
  if (!loaded.ok)
    return { files: [faultsFile(loaded.error.map((fault) => formatConfigError(fault)))], secrets };
  const { written, complete } = loaded.value;
  return {
    files: [
      { name: "config.yaml", content: render.renderConfig(written) },
      { name: "config-resolved.yaml", content: render.renderResolved(complete) },
      ...(faults.length > 0 ? [faultsFile(faults)] : []),
    ],
    secrets,
  };
}

function faultsFile(lines: readonly string[]): ArchiveFile {
  return { name: "config-faults.txt", content: `${lines.join("\n")}\n` };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readme(missing: readonly string[]): string {
  const lines = [
    "An archive of FlexSpoke for a support case.",
    "",
    "Pre-shared keys, passwords and private keys are masked, keys of SAs were never read. Addresses, names of hubs and",
    "networks are in it: look through it before you give it away.",
    "",
    "show-tech-support.txt is what the commands of the manual print; state.json, events.json and diagnoses.json are the",
    "same as data; recording.jsonl can be run again by `flexspoke replay`.",
    ...(missing.length > 0 ? ["", "Could not be had:", ...missing.map((what) => `  ${what}`)] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** Nobody else may read it, and nothing that is there is overwritten. */
function write(path: string, content: Uint8Array): void {
  try {
    writeFileSync(path, content, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      EEXIST: "is there already (name another file)",
      ENOENT: "is in a folder that does not exist (make it)",
      EACCES: "can't be written by this user (name another folder)",
      EROFS: "is on a file system that can't be written (name a file in /tmp)",
      ENOSPC: "does not fit on the disk (name a file elsewhere)",
    };
    throw new CliFault(
      exitStatus.failed,
      `${path} ${reasons[code] ?? `can't be written: ${code}`}`,
    );
  }
}
