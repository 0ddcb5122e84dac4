/** Whether a machine's kernel can carry the whole product, found by trying, in a namespace that is thrown away. */
import type { Machine } from "./machine.ts";

/** What a machine can be used for. */
export interface KernelAbility {
  /** Network namespaces can be made: the native lane runs. */
  readonly namespaces: boolean;
  /** ESP and xfrm interfaces work: the system lane runs. */
  readonly xfrm: boolean;
}

// An ESP state needs esp4 and the cipher; the interface needs xfrm_interface. `modprobe` may be refused or missing.
const trial = `
modprobe -qa xfrm_interface esp4 esp6 gcm 2>/dev/null
unshare -n true || exit 1
unshare -n sh -c '
  ip link add ability0 type xfrm dev lo if_id 1 &&
  ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x100 mode tunnel if_id 1 \\
    aead "rfc4106(gcm(aes))" 0x0000000000000000000000000000000000000000 128
' >/dev/null 2>&1 || exit 2
`;

export async function kernelAbility(machine: Machine): Promise<KernelAbility> {
  const { code } = await machine.exec(trial);
  return { namespaces: code === 0 || code === 2, xfrm: code === 0 };
}
