/** The door of the configuration: text in, a checked configuration or everything that is wrong with it out. */
import type { WallClock } from "#lib/duration.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { checkClients, type MachineInterfaces } from "./check-clients.ts";
import { type CompleteConfig, completeConfig } from "./complete.ts";
import type { ConfigError } from "./config-error.ts";
import type { ReadFile } from "./file-access.ts";
import { isDnsName } from "./identity-syntax.ts";
import { Problems } from "./problems.ts";
import { resolveConfig } from "./resolve.ts";
import type { ResolvedConfig } from "./resolved.ts";
import { type FileConfig, fileSchema } from "./schema.ts";
import { schemaErrors } from "./schema-issues.ts";
import type { SecretSource } from "./secret-source.ts";
import { loadTrustpoint, type Trustpoint } from "./trustpoint.ts";
import { setAsideUnsupported } from "./unsupported.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

export interface LoadInput {
  /** Name of the file, as errors show it; relative paths in the file start at its folder. */
  readonly path: string;
  readonly text: string;
  readonly readFile: ReadFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Addresses of the machine's interfaces: a peer that no source can reach is refused. Left out, as by the daemon, whose
   * sources may get their addresses later, nothing is said of that.
   */
  readonly interfaces?: MachineInterfaces;
  /** For the dates of certificates; left out, they are not looked at. */
  readonly now?: WallClock;
  /** Told what works but is probably not meant. */
  readonly onWarning?: (warning: ConfigError) => void;
}

/** Never throws, whatever the text is. Errors come in the order of the file. */
export function loadConfig(input: LoadInput): Result<ResolvedConfig, readonly ConfigError[]> {
  const loaded = loadCompleteConfig(input);
  return loaded.ok ? ok(loaded.value.resolved) : loaded;
}

/** As `loadConfig`, with the file's own terms beside it: what `config show` prints. */
export interface LoadedConfig {
  readonly resolved: ResolvedConfig;
  readonly complete: CompleteConfig;
  /** What the file says, and nothing more. */
  readonly written: unknown;
}

/** @returns all forms of a valid configuration, or everything that is wrong with it. */
export function loadCompleteConfig(input: LoadInput): Result<LoadedConfig, readonly ConfigError[]> {
  const source = readYaml(input.path, input.text);
  if (source.errors.length > 0) return failed(inOrder(source.errors));
  const { supported, refused } = setAsideUnsupported(source.value ?? {});
  const errors = refused.map((path) =>
    source.fault("error", path, "not supported by this version (remove it)", "key"),
  );
  const parsed = fileSchema.safeParse(supported);
  if (!parsed.success)
    return failed(
      inOrder([...errors, ...schemaErrors(source, fileSchema, supported, parsed.error.issues)]),
    );
  const problems = new Problems(source);
  const result = interpret(parsed.data, source, input, problems);
  const all = [...errors, ...problems.errors];
  for (const warning of inOrder(problems.warnings)) input.onWarning?.(warning);
  if (all.length > 0 || !result) return failed(inOrder(all));
  return ok({ ...result, written: supported });
}

function interpret(
  file: FileConfig,
  source: YamlSource,
  input: LoadInput,
  problems: Problems,
): Omit<LoadedConfig, "written"> | undefined {
  const secrets: SecretSource = {
    configFile: source.file,
    readFile: input.readFile,
    env: input.env,
    now: input.now,
  };
  const trustpoints = new Map<string, Trustpoint>();
  for (const [name, trustpoint] of Object.entries(file.pki.trustpoints)) {
    const path = ["pki", "trustpoints", name];
    const loaded = loadTrustpoint(trustpoint, path, secrets, problems, input.now);
    if (loaded) trustpoints.set(name, loaded);
  }
  checkClients(file, input.interfaces, problems);
  const complete = completeConfig(file, machineName(input), trustpoints, problems);
  const resolved = resolveConfig(complete, trustpoints, secrets, problems);
  return resolved && { resolved, complete };
}

/** What the machine calls itself. hostname(5) */
function machineName({ readFile, env: { HOSTNAME = "" } }: LoadInput): string {
  const read = readFile("/etc/hostname");
  const text = read.ok ? new TextDecoder().decode(read.value.bytes).trim() : HOSTNAME;
  return isDnsName(text) ? text : "flexspoke";
}

function inOrder(errors: readonly ConfigError[]): readonly ConfigError[] {
  return [...errors].sort((a, b) => a.line - b.line || a.column - b.column);
}
