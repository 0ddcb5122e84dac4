/**
 * One scenario by hand: `make lab SCENARIO=psk` plays test/system/psk.test.ts and, before anything is taken down, takes
 * commands: `branch ip xfrm state`, `hub1 ip -s xfrm state`, `lan ping 10.1.0.10`, or a command for the machine itself.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Place, places } from "./addresses.ts";
import { projectRoot } from "./cache.ts";
import { kernelAbility } from "./kernel-ability.ts";
import { machineAt } from "./lab.ts";
import { localMachine } from "./local-machine.ts";
import { bootVirtualMachine } from "./virtual-machine.ts";

const [name] = process.argv.slice(2);
const file = join(projectRoot, `test/system/${name}.test.ts`);
if (!name || !existsSync(file)) {
  const known = readdirSync(join(projectRoot, "test/system"))
    .filter((entry) => entry.endsWith(".test.ts"))
    .map((entry) => entry.replace(".test.ts", ""));
  console.error(`usage: make lab SCENARIO=NAME, one of: ${known.join(", ")}`);
  process.exit(2);
}

const { FLEXSPOKE_VM_SOCKET: running } = process.env;
const isHost = !running && (await kernelAbility(localMachine())).xfrm;
const booted = running || isHost ? undefined : await bootVirtualMachine();
const socketPath = running ?? booted?.socketPath ?? "";
const machine = await machineAt(isHost ? { kind: "host" } : { kind: "vm", socketPath });

const folder = mkdtempSync(join(tmpdir(), "flexspoke-hold-"));
const hold = join(folder, "hold");
const words = ["run", "--project", "system", file, "--testTimeout", "86400000"];
const play = spawn(join(projectRoot, "node_modules/.bin/vitest"), words, {
  cwd: projectRoot,
  stdio: ["ignore", "inherit", "inherit"],
  env: {
    ...process.env,
    FLEXSPOKE_LAB_HOLD: hold,
    ...(socketPath ? { FLEXSPOKE_VM_SOCKET: socketPath } : {}),
  },
});
let isOver = false;
play.on("exit", () => {
  isOver = true;
});

const lines = createInterface({ input: process.stdin, output: process.stdout });
const answers = lines[Symbol.asyncIterator]();
while (!isOver) {
  if (!existsSync(hold)) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    continue;
  }
  await takeCommands();
  rmSync(hold, { force: true });
}
lines.close();
rmSync(folder, { recursive: true, force: true });
await machine.close();
await booted?.stop();

/** Until an empty line or the end of input. */
async function takeCommands(): Promise<void> {
  console.log(
    `the scenario has played; PLACE COMMAND (${places.join(", ")}); an empty line goes on`,
  );
  for (;;) {
    process.stdout.write("lab> ");
    const { value, done } = await answers.next();
    if (done || value.trim() === "") return;
    const [first = "", ...rest] = value.trim().split(" ");
    const isPlace = places.includes(first as Place);
    const netns = isPlace ? await namespaceOf(first) : undefined;
    const command = isPlace ? rest.join(" ") : value;
    const result = await machine.exec(command, { timeout: 600_000, ...(netns ? { netns } : {}) });
    process.stdout.write(result.stdout + result.stderr);
  }
}

/** On this host the names have a prefix that only the scenario's own process knows. */
async function namespaceOf(place: string): Promise<string> {
  const names = (await machine.must("ls /run/netns")).split("\n");
  return names.find((entry) => entry === place || entry.endsWith(`-${place}`)) ?? place;
}
