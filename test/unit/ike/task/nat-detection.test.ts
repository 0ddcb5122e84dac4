import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Path } from "#ike/connection.ts";
import type { NotifyPayload } from "#ike/message/message.ts";
import {
  buildNatDetection,
  movedTo4500,
  natHash,
  processNatDetection,
} from "#ike/task/nat-detection.ts";
import { toHex } from "#lib/bytes.ts";
import type { IpAddress } from "#lib/ip.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

const path: Path = {
  local: { address: "192.0.2.17" as IpAddress, port: 500 },
  remote: { address: "203.0.113.10" as IpAddress, port: 500 },
};
const SPI_I = 0x1002b04870bb1594n;
const SPI_R = 0x44db8f8901f347f8n;

/** What the other end of `seen` would send, if it saw those addresses. */
const from = (seen: Path): readonly NotifyPayload[] =>
  buildNatDetection(SPI_I, SPI_R, { local: seen.remote, remote: seen.local }) as NotifyPayload[];
const read = (notifies: readonly NotifyPayload[]) =>
  processNatDetection(notifies, SPI_I, SPI_R, path);

test("the hash is SHA-1 over both SPIs, the address and the port, in network order", () => {
  const octets = fromHex("1002b04870bb159444db8f8901f347f8c000021101f4");
  const expected = createHash("sha1").update(octets).digest("hex");
  expect(toHex(natHash(SPI_I, SPI_R, path.local))).toBe(expected);
});

test("hashes of the addresses as we know them mean no NAT", () => {
  expect(read(from(path))).toEqual({ natLocal: false, natRemote: false });
});

test("the hub seeing us at another port means that we are behind a NAT", () => {
  const translated = { ...path, local: { ...path.local, port: 61_000 } };
  expect(read(from(translated))).toEqual({ natLocal: true, natRemote: false });
});

test("the hub thinking itself elsewhere means that it is behind a NAT", () => {
  const inside = { ...path, remote: { ...path.remote, address: "10.0.0.1" as IpAddress } };
  expect(read(from(inside))).toEqual({ natLocal: false, natRemote: true });
});

test("of several source hashes one that fits is enough", () => {
  const [source, destination] = from(path);
  const other = { ...source!, data: new Uint8Array(20) };
  expect(read([other, source!, destination!])).toEqual({ natLocal: false, natRemote: false });
});

test("a hub without NAT detection is taken to be reached directly", () => {
  expect(read([])).toEqual({ natLocal: false, natRemote: false });
});

test("moving to port 4500 keeps addresses and source interface", () => {
  const moved = movedTo4500({ ...path, source: "wan0" });
  expect(moved.local).toEqual({ address: "192.0.2.17", port: 4_500 });
  expect(moved.remote).toEqual({ address: "203.0.113.10", port: 4_500 });
  expect(moved.source).toBe("wan0");
});
