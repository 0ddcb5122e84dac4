/** A stranger who begins with a hub and goes no further. */
import { hubs } from "./addresses.ts";
import type { Strongswan } from "./strongswan.ts";
import type { Topology } from "./topology.ts";

/** Starts an IKE SA with hub1 from the internet: with `cookie_threshold: 1` it is under load for its half-open time-out. */
export async function leaveHalfOpen(topology: Topology, hub: Strongswan): Promise<void> {
  const { machine } = topology;
  const file = `${topology.folder}/half-open.bin`;
  await machine.writeFile(file, halfOpenRequest());
  const sender = `
    const { createSocket } = require("node:dgram");
    const socket = createSocket("udp4");
    const request = require("node:fs").readFileSync("${file}");
    socket.send(request, 500, "${hubs.hub1.ipv4}", () => socket.close());`;
  await topology.must("internet", ["node", "-e", sender]);
  await hub.logs(/is initiating an IKE_SA/);
}

/** IKE_SA_INIT with AES-GCM-256, HMAC-SHA2-384 and X25519, which the hub accepts; the public value is nobody's. */
function halfOpenRequest(): Uint8Array {
  const proposal =
    "00000024 01010003" + // last proposal, number 1, IKE, no SPI, 3 transforms
    "0300000c 01000014 800e0100" + // AES-GCM-16, 256 bits
    "03000008 02000006" + // PRF_HMAC_SHA2_384
    "00000008 0400001f"; // curve25519
  const payloads =
    `22000028 ${proposal}` +
    `28000028 001f0000 ${"09".padEnd(64, "0")}` + // KE
    `00000024 ${"5a".repeat(32)}`; // nonce
  const body = Buffer.from(payloads.replaceAll(" ", ""), "hex");
  const header = Buffer.from(`${"11".repeat(8)}${"00".repeat(8)}2120220800000000`, "hex");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length + 4 + body.length);
  return Buffer.concat([header, length, body]);
}
