/** Before the system tests: finds or boots the one machine that all of them play on. */
import type { TestProject } from "vitest/node";
import { kernelAbility } from "./kernel-ability.ts";
import type { MachineAddress } from "./lab.ts";
import { localMachine } from "./local-machine.ts";
import { bootVirtualMachine } from "./virtual-machine.ts";

declare module "vitest" {
  interface ProvidedContext {
    lab: MachineAddress;
  }
}

/**
 * This host when its kernel can do it; else the machine behind `FLEXSPOKE_VM_SOCKET`; else one that is booted now.
 * `FLEXSPOKE_LAB=vm` boots one even where this host could do it.
 * @returns what ends it.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { FLEXSPOKE_VM_SOCKET: socketPath, FLEXSPOKE_LAB: wanted } = process.env;
  if (socketPath) {
    project.provide("lab", { kind: "vm", socketPath });
    return () => Promise.resolve();
  }
  if (wanted !== "vm" && (await kernelAbility(localMachine())).xfrm) {
    project.provide("lab", { kind: "host" });
    return () => Promise.resolve();
  }
  const machine = await bootVirtualMachine();
  console.error(`the virtual machine was up in ${(machine.bootTime / 1000).toFixed(1)} s`);
  project.provide("lab", { kind: "vm", socketPath: machine.socketPath });
  return () => machine.stop();
}
