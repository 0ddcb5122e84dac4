/**
 * Services as folders that runit keeps running: written whole, compared with what is there, taken away again.
 * Source: runsv(8), sv(8)
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { ServicePlan } from "#system/service-plan.ts";

/** Where runsvdir looks. */
export const SERVICE_FOLDER = "/run/service";
/** Marks what we may take away. */
const MARK = "by-flexspoke";
/** Messages of a service, in memory: two files of 32 KiB. */
const LOG_LIMITS = "s32768\nn2\n";

/**
 * Puts the files of a service in place.
 * @returns what has to be done that they take effect: `new` ones are found by runsvdir itself.
 */
export function writeService(
  plan: ServicePlan,
  folder = SERVICE_FOLDER,
): "same" | "changed" | "new" {
  const place = path.join(folder, plan.name);
  const isNew = !existsSync(place);
  let isChanged = false;
  for (const each of plan.folders ?? []) mkdirSync(each, { recursive: true, mode: 0o700 });
  for (const [file, { text, mode }] of Object.entries(plan.files ?? {}))
    isChanged = writeChanged(file, text, mode) || isChanged;
  const script = runScript(plan);
  if (!isNew)
    return writeChanged(path.join(place, "run"), script, 0o755) || isChanged ? "changed" : "same";
  // Whole before runsvdir sees it.
  const work = path.join(folder, `.${plan.name}.new`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(path.join(work, "log"), { recursive: true });
  writeFileSync(path.join(work, "run"), script, { mode: 0o755 });
  writeFileSync(path.join(work, MARK), "");
  writeFileSync(path.join(work, "log/run"), logScript(plan.name), { mode: 0o755 });
  renameSync(work, place);
  return "new";
}

/** Services of ours that are not among `names` any more. */
export function leftServices(names: readonly string[], folder = SERVICE_FOLDER): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter(
    (name) =>
      !names.includes(name) && !name.startsWith(".") && existsSync(path.join(folder, name, MARK)),
  );
}

/** Removes a service that has ended. */
export function removeService(name: string, folder = SERVICE_FOLDER): void {
  rmSync(path.join(folder, name), { recursive: true, force: true });
}

/** @returns whether it differed. */
export function writeChanged(file: string, text: string, mode: number): boolean {
  try {
    if (readFileSync(file, "utf8") === text) return false;
  } catch {
    // Not there yet.
  }
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.new`;
  writeFileSync(fresh, text, { mode });
  renameSync(fresh, file);
  return true;
}

function runScript({ name, command, environment = {} }: ServicePlan): string {
  const settings = Object.entries(environment).map(
    ([key, value]) => `export ${key}=${quoted(value)}`,
  );
  return [
    "#!/bin/sh",
    `# ${name}: written by flexspoke, and anew when the configuration changes.`,
    "exec 2>&1",
    ...settings,
    `exec ${command.map(quoted).join(" ")}`,
    "",
  ].join("\n");
}

function logScript(name: string): string {
  const folder = `/run/log/${name}`;
  return `#!/bin/sh\nmkdir -p ${folder}\nprintf '${LOG_LIMITS.replaceAll("\n", "\\n")}' >${folder}/config\nexec svlogd -tt ${folder}\n`;
}

/** A word of a shell command. */
function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
