/**
 * The lab's virtual machine at hand: `tools/vm start` boots one and keeps it until Ctrl-C,
 * `tools/vm exec [--netns NS] COMMAND…` runs a command in it.
 */
import { join } from "node:path";
import { bootVirtualMachine, virtualMachineAt } from "#test/lab/virtual-machine.ts";
import { cacheFolder } from "./cache.ts";

const socketPath = process.env["FLEXSPOKE_VM_SOCKET"] ?? join(cacheFolder(), "vm.sock");
const [verb, ...words] = process.argv.slice(2);

switch (verb) {
  case "start": {
    const machine = await bootVirtualMachine(socketPath);
    console.error(`booted in ${machine.bootTime} ms; commands by ${socketPath}; Ctrl-C ends it`);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => machine.stop());
    await machine.ended;
    break;
  }
  case "exec": {
    const netns = words[0] === "--netns" ? words.splice(0, 2)[1] : undefined;
    const machine = await virtualMachineAt(socketPath);
    const result = await machine.exec(words.length === 1 ? (words[0] ?? "") : words, {
      timeout: 600_000,
      cwd: process.cwd(),
      ...(netns ? { netns } : {}),
    });
    process.stdout.write(result.stdout);
    process.stderr.write(result.stderr);
    process.exitCode = result.code;
    await machine.close();
    break;
  }
  default:
    console.error("usage: tools/vm start | exec [--netns NS] COMMAND…");
    process.exitCode = 2;
}
