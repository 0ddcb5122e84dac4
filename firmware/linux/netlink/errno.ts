/** Names of errno values as the kernel's netlink answers carry them. Source: asm-generic/errno.h by way of libuv. */
import { getSystemErrorName } from "node:util";

/** Where libuv has another name than the kernel, or none. */
const kernelNames: Readonly<Record<number, string>> = { 95: "EOPNOTSUPP", 524: "ENOTSUPP" };

/** `EEXIST` for 17; `errno 999` where no name is known. */
export function errnoName(errno: number): string {
  const name = kernelNames[errno] ?? getSystemErrorName(-errno);
  return name.startsWith("Unknown") ? `errno ${errno}` : name;
}
