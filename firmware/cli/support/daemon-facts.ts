/** What the daemon says of itself, for a support case: each call of the API a file, each `show` a chapter of one. */
import { call, callText } from "../control-socket.ts";
import type { ArchiveFile } from "../tar-archive.ts";

/** Calls of the API and the files that their answers go into. */
const calls: readonly (readonly [path: string, name: string])[] = [
  ["/api/v1/state", "state.json"],
  ["/api/v1/events?last=10000", "events.json"],
  ["/api/v1/kernel", "kernel.json"],
  // What the engines were told last; `flexspoke replay` runs it again.
  ["/api/v1/recording", "recording.jsonl"],
];

/** What `show tech-support` of IOS prints one after the other. */
const shows: readonly string[] = [
  "show version",
  "show client",
  "show crypto ikev2 client flexvpn",
  "show crypto ikev2 sa detailed",
  "show crypto ikev2 session",
  "show crypto ipsec sa",
  "show crypto session detail",
  "show crypto ikev2 stats",
  "show crypto ikev2 diagnose error",
  "show track",
  "show ip sla statistics",
  "show dialer",
  "show tunnel",
  "show route",
  "show stats",
  "show errors",
  "diagnose",
  "show events --last 1000",
];

/**
 * Asks the daemon for everything. What it can't answer is told to `miss` and left out.
 * @param run runs a command of ours and gives what it printed.
 */
export async function daemonFiles(
  runDir: string,
  run: (line: string) => Promise<string>,
  miss: (what: string) => void,
): Promise<readonly ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  for (const [path, name] of calls) {
    const content = await attempt(() => callText(runDir, path), path, miss);
    if (content !== undefined) files.push({ name, content });
  }
  const diagnoses = await attempt(() => diagnosesOf(runDir), "the diagnoses", miss);
  if (diagnoses !== undefined)
    files.push({ name: "diagnoses.json", content: `${JSON.stringify(diagnoses, null, 2)}\n` });
  const chapters: string[] = [];
  for (const line of shows)
    chapters.push(`\n------------------ ${line} ------------------\n\n${await run(line)}`);
  return [...files, { name: "show-tech-support.txt", content: chapters.join("") }];
}

async function diagnosesOf(runDir: string): Promise<readonly unknown[]> {
  const clients = await call<Readonly<Record<string, unknown>>>(
    runDir,
    "GET",
    "/api/v1/state/clients",
  );
  const all: unknown[] = [];
  for (const name of Object.keys(clients))
    all.push(await call(runDir, "GET", `/api/v1/diagnose/${encodeURIComponent(name)}`));
  return all;
}

async function attempt<Value>(
  ask: () => Promise<Value>,
  what: string,
  miss: (what: string) => void,
): Promise<Value | undefined> {
  try {
    const value = await ask();
    if (value === undefined) miss(`${what}: the daemon has nothing of the kind`);
    return value;
  } catch (error) {
    miss(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
