import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Command } from "commander";
import { CliFault, exitStatus } from "../fault.ts";
import type { ReplayReport } from "../replay-report.ts";
import type { Surroundings } from "../surroundings.ts";
import { printable } from "../table.ts";
import { fileOfTar } from "../tar-reader.ts";

/** `replay FILE`: runs a recorded incident through the same engines and prints the decisions. */
export function addReplayCommand(program: Command, surroundings: Surroundings): void {
  const { stdout } = surroundings;
  program
    .command("replay <file>")
    .description("run a recorded incident through the same engines and print the decisions")
    .option("--part <engine>", "one engine alone: flexvpn, track, sla, dial or guard")
    .option("--json", "print one JSON document")
    .action(async (file: string, { part, json }: { part?: string; json?: boolean }) => {
      const { replay } = surroundings;
      if (!replay) throw new CliFault(exitStatus.failed, "this program can't replay");
      const report = await run(replay, file);
      const steps = report.steps.filter((step) => part === undefined || step.part === part);
      if (json) stdout.write(`${JSON.stringify({ ...report, steps }, null, 2)}\n`);
      else {
        for (const { time, lines, isSame } of steps)
          for (const line of lines)
            stdout.write(`${time} ${isSame ? " " : "!"} ${printable(line)}\n`);
        stdout.write(summary(report));
      }
      if (report.steps.some(({ isSame }) => !isSame))
        throw new CliFault(exitStatus.failed, difference(report));
    });
}

async function run(
  replay: NonNullable<Surroundings["replay"]>,
  file: string,
): Promise<ReplayReport> {
  try {
    return await replay(recordingIn(readFileSync(file)));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const reason = isMissing ? "no such file" : (error as Error).message;
    const advice = "name an archive of `flexspoke tech-support`, or the recording in it";
    throw new CliFault(exitStatus.usage, `${file}: ${reason} (${advice})`);
  }
}

/** The recording itself, packed or not, or in an archive of `tech-support`. */
function recordingIn(bytes: Uint8Array): string {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isPacked ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
  return Buffer.from(fileOfTar(plain, "recording.jsonl") ?? plain).toString("utf8");
}

function summary({ header, inputs, steps }: ReplayReport): string {
  const different = steps.filter(({ isSame }) => !isSame).length;
  const verdict =
    different === 0 ? "every decision is the one that was taken" : `${different} decided otherwise`;
  return `${inputs} inputs since ${header.started}, recorded by version ${header.version}: ${verdict}\n`;
}

function difference({ header, steps }: ReplayReport): string {
  const first = steps.find(({ isSame }) => !isSame);
  const lost = first && (header.dropped[first.part] ?? 0);
  const why = lost
    ? `the recording begins ${lost} inputs after the engine's start`
    : "another version of the engines decides otherwise";
  return `the replay differs from ${first?.time ?? "the start"} on: ${why}`;
}

/** Unpacked; a recording has at most a few dozen MiB. */
const MOST_BYTES = 256 * 1024 * 1024;
