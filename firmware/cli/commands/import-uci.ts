/** `import uci`: OpenWrt's form of the configuration as ours. The package's service renders with it at every start. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { CliFault, exitStatus } from "../fault.ts";
import type { Surroundings } from "../surroundings.ts";

/** Adds `uci` to `import`. */
export function addImportUci(importing: Command, { stdout, stderr }: Surroundings): void {
  importing
    .command("uci <file>")
    .description("print what a UCI file of OpenWrt amounts to")
    .option("-o, --output <file>", "write it there instead, if it is not there already")
    .action(async (file: string, { output }: { output?: string }) => {
      const text = readText(file);
      const { renderUci } = await import("#config/uci/render-uci.ts");
      const { yaml, faults } = renderUci(text ?? "", file);
      for (const { line, message } of faults) stderr.write(`${file}:${line}: ${message}\n`);
      if (faults.length > 0) throw new CliFault(exitStatus.usage, "");
      if (output === undefined) stdout.write(yaml);
      // Flash wears out by writing, and most starts change nothing.
      else if (readText(output, { mayBeMissing: true }) !== yaml) replaceFile(output, yaml);
    });
}

/** It may hold secrets, and a power failure leaves the old or the new one. */
function replaceFile(file: string, content: string): void {
  const next = `${file}.new`;
  writeFileSync(next, content, { mode: 0o600, flush: true });
  renameSync(next, file);
}

function readText(file: string, { mayBeMissing = false } = {}): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (mayBeMissing && code === "ENOENT") return undefined;
    throw new CliFault(exitStatus.usage, `${file} can't be read: ${code} (name a readable file)`);
  }
}
