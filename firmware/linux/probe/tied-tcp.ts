/** TCP connections that leave by one interface only. Source: socket(7): SO_BINDTODEVICE */
import { Socket } from "node:net";
import { type Endpoint, ipFamily } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { closeDescriptor, type Errno, tcpSocket } from "../libc/libc.ts";
import { bindToDevice } from "../socket/ike-socket-options.ts";

/** A socket on its way to the far end: its `connect` or `error` says what came of it. @returns the errno of what failed. */
export function connectTcp(
  { address, port }: Endpoint,
  device: string | undefined,
): Result<Socket, Errno> {
  if (device === undefined) return ok(new Socket().connect({ host: address, port }));
  const opened = tcpSocket(ipFamily(address));
  if (!opened.ok) return opened;
  const tied = bindToDevice(opened.value, device);
  if (!tied.ok) {
    closeDescriptor(opened.value);
    return failed(tied.error);
  }
  return ok(new Socket({ fd: opened.value }).connect({ host: address, port }));
}
