/** Where the whole product is measured: this host when its kernel has ESP, else a virtual machine. */
import { kernelAbility } from "#test/lab/kernel-ability.ts";
import { localMachine } from "#test/lab/local-machine.ts";
import type { Machine } from "#test/lab/machine.ts";
import { bootVirtualMachine, virtualMachineAt } from "#test/lab/virtual-machine.ts";

export interface LabMachine {
  readonly machine: Machine;
  /** For the table: "this host", or "VM". */
  readonly name: string;
  close(): Promise<void>;
}

/** `FLEXSPOKE_VM_SOCKET` names a virtual machine that runs already. */
export async function openLabMachine(): Promise<LabMachine> {
  const running = process.env["FLEXSPOKE_VM_SOCKET"];
  const host = localMachine();
  if (!running && (await kernelAbility(host)).xfrm)
    return { machine: host, name: "this host", close: () => host.close() };
  await host.close();
  const booted = running ? undefined : await bootVirtualMachine();
  const machine = await virtualMachineAt(running ?? booted?.socketPath ?? "");
  const close = async () => {
    await machine.close();
    await booted?.stop();
  };
  return { machine, name: "VM", close };
}

/** What the lab needs, as such a machine has it. */
export const fullAbility = { namespaces: true, xfrm: true } as const;
