/**
 * Runs `nft` with a transaction in JSON and makes a data-plane fault of what it answers. It doesn't know what the
 * transaction says. Source: nft(8), libnftables-json(5)
 */
import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { closeDescriptor, memoryFile } from "../libc/libc.ts";
import type { NftCommand } from "./nft-json.ts";

/** Hands commands to `nft` as one transaction; all of them take effect at one instant or none does. */
export async function runTransaction(
  what: string,
  commands: readonly NftCommand[],
): Promise<Result<void, DataPlaneFault>> {
  const file = memoryFile("nft transaction");
  if (!file.ok) return failed(nftFault(what, { status: undefined, complaint: file.error }));
  try {
    writeFromStart(file.value, JSON.stringify({ nftables: commands }));
    const run = await runNft(["-j", "-f", "-"], file.value);
    return run.status === 0 ? ok(undefined) : failed(nftFault(what, run));
  } finally {
    closeDescriptor(file.value);
  }
}

/** Lists our table. @returns nft's JSON, or undefined when there is no such table. */
export async function listTable(
  family: string,
  name: string,
): Promise<Result<unknown, DataPlaneFault>> {
  const run = await runNft(["-j", "list", "table", family, name], "ignore");
  if (run.status === 0) return ok(JSON.parse(run.output));
  return run.complaint.includes("No such file or directory")
    ? ok(undefined)
    : failed(nftFault("read the firewall", run));
}

/** Everybody's rules. @returns nft's JSON, or undefined when it can't be had. */
export async function listRuleset(): Promise<unknown> {
  const run = await runNft(["-j", "list", "ruleset"], "ignore");
  return run.status === 0 ? JSON.parse(run.output) : undefined;
}

interface NftRun {
  /** Exit status; undefined when the program could not be started. */
  readonly status: number | undefined;
  readonly output: string;
  /** What it wrote to standard error, or why it could not be started. */
  readonly complaint: string;
}

/** Writes without moving the file's position: nft 1.0 opens its input anew, nft 1.1 reads on from where it stands. */
function writeFromStart(file: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
}

/** @param input what nft reads: a file, since nft 1.0 opens it anew, which the sockets Node has as pipes refuse. */
function runNft(argv: readonly string[], input: number | "ignore"): Promise<NftRun> {
  const { PATH = "" } = process.env;
  return new Promise((resolve) => {
    const child = spawn("nft", argv, {
      env: { PATH: `${PATH}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: "C" },
      stdio: [input, "pipe", "pipe"],
    });
    let output = "";
    let complaint = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      resolve({ status: undefined, output: "", complaint: error.code ?? error.message });
    });
    child.on("close", (code, signal) => {
      resolve({ status: code ?? 1, output, complaint: complaint || `ended by ${signal}` });
    });
  });
}

/** Reads nft's complaint. `what` completes "could not …". */
export function nftFault(
  what: string,
  { status, complaint }: Pick<NftRun, "status" | "complaint">,
): DataPlaneFault {
  const reason = complaint.split("\n")[0]?.replace(/^.*Error: /, "") ?? "";
  if (status === undefined) {
    return {
      code: "kernel.program-missing",
      what: `could not ${what}: the program nft could not be started (${reason})`,
      errno: reason,
      remedy: "install the package nftables",
    };
  }
  const known = COMPLAINTS.find(({ text }) => complaint.includes(text));
  return {
    code: known?.code ?? "kernel.rejected",
    what: `could not ${what}: ${reason}`,
    ...(known === undefined ? {} : { errno: known.errno }),
    remedy:
      known?.remedy ??
      "see `nft list table inet flexspoke` and the kernel log; if nothing there explains it, report this as a defect",
  };
}

const MODULES =
  "load the kernel modules nf_tables, nft_chain_nat and nft_masq (OpenWrt: packages kmod-nft-core and kmod-nft-nat), " +
  "or use a kernel that has them";

const COMPLAINTS = [
  {
    text: "Operation not permitted",
    errno: "EPERM",
    code: "kernel.permission",
    remedy: "run the daemon as root, or give it CAP_NET_ADMIN",
  },
  {
    text: "No such file or directory",
    errno: "ENOENT",
    code: "kernel.module-missing",
    remedy: MODULES,
  },
  {
    text: "Operation not supported",
    errno: "EOPNOTSUPP",
    code: "kernel.module-missing",
    remedy: MODULES,
  },
  {
    text: "Protocol not supported",
    errno: "EPROTONOSUPPORT",
    code: "kernel.module-missing",
    remedy: MODULES,
  },
] as const;
