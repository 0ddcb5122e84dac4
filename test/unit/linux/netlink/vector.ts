import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeAttributes, type NetlinkRequest, NetlinkWriter } from "#linux/netlink/codec.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

/** A captured message; its first line says where it is from. */
export function capturedMessage(name: string): Uint8Array {
  const path = join(import.meta.dirname, "../../../vectors/netlink", `${name}.hex`);
  const lines = readFileSync(path, "utf8").split("\n");
  return fromHex(lines.filter((line) => !line.startsWith("#")).join(""));
}

/** A message taken apart so that the order of attributes does not matter. `structLength` is that of its family's struct. */
export function partsOf(message: Uint8Array, structLength: number) {
  const attributes = decodeAttributes(message, 16 + structLength);
  return {
    type: message[4],
    flags: ((message[7] ?? 0) << 8) | ((message[6] ?? 0) & ~ACK),
    body: Buffer.from(message.subarray(16, 16 + structLength)).toString("hex"),
    attributes: Object.fromEntries(
      [...attributes].map(([type, value]) => [type, Buffer.from(value).toString("hex")]),
    ),
  };
}

/** The request as the socket sends it, but for the acknowledgement it asks for. */
export function encoded(request: NetlinkRequest): Uint8Array {
  return new NetlinkWriter().message({ ...request, flags: request.flags | REQUEST }, 1).view();
}

const REQUEST = 1;
const ACK = 4;
