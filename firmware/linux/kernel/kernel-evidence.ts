/**
 * Reads what this kernel has, and loads what it lacks where that is allowed. What is needed is decided in
 * `requirements.ts`. Source: proc_modules(5), sysfs(5), modprobe(8)
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { gunzipSync } from "node:zlib";
import type { DataPlaneFault } from "#dataplane/port.ts";
import {
  type KernelEvidence,
  type KernelUse,
  missingFault,
  missingParts,
  moduleKey,
  neededParts,
} from "./requirements.ts";

/** What came of making the kernel ready. */
export interface KernelReadiness {
  /** Modules that had to be loaded and now are. */
  readonly loaded: readonly string[];
  /** What is missing for good. */
  readonly fault?: DataPlaneFault;
}

/** Checks that the kernel has all that `use` needs, and loads modules that it has but are not in use yet. */
export async function prepareKernel(use: KernelUse): Promise<KernelReadiness> {
  const needed = neededParts(use);
  const idle = missingParts(needed, readEvidence());
  if (idle.length === 0) return { loaded: [] };
  await loadModules(idle.map(({ module }) => module));
  const evidence = readEvidence();
  const missing = missingParts(idle, evidence);
  const loaded = idle.filter((part) => !missing.includes(part)).map(({ module }) => module);
  const fault = missingFault(missing, evidence);
  return fault === undefined ? { loaded } : { loaded, fault };
}

/** Reads the evidence; what can't be read counts as absent. */
export function readEvidence(): KernelEvidence {
  const version = release();
  const builtin = readText(`/lib/modules/${version}/modules.builtin`);
  const configured = readConfiguration();
  return {
    release: version,
    present: new Set([...readFolder("/sys/module").map(moduleKey), ...builtinModules(builtin)]),
    crypto: new Set(cryptoNames(readText("/proc/crypto"))),
    ...(configured === undefined ? {} : { configured }),
  };
}

/** Names in the text of modules.builtin, which lists paths: `kernel/net/xfrm/xfrm_user.ko`. */
export function builtinModules(text: string): readonly string[] {
  return [...text.matchAll(/([^/\n]+)\.ko$/gm)].map(([, name]) => moduleKey(name ?? ""));
}

/** Names of the algorithms in the text of /proc/crypto. */
export function cryptoNames(text: string): readonly string[] {
  return [...text.matchAll(/^name\s*: (.+)$/gm)].map(([, name]) => name ?? "");
}

/** Symbols that the text of a kernel configuration has as built in. */
export function builtinSymbols(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^CONFIG_(\w+)=y$/gm)].map(([, symbol]) => symbol ?? ""));
}

function readConfiguration(): ReadonlySet<string> | undefined {
  try {
    return builtinSymbols(gunzipSync(readFileSync("/proc/config.gz")).toString("latin1"));
  } catch {
    return undefined;
  }
}

/** Loads what it can; whether it worked is seen by looking again. */
function loadModules(names: readonly string[]): Promise<void> {
  const { PATH = "" } = process.env;
  const options = { env: { PATH: `${PATH}:/usr/sbin:/sbin` }, timeout: 30_000 };
  return new Promise((resolve) => {
    execFile("modprobe", ["-a", "-q", ...names], options, () => resolve());
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
