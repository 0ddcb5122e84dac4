/**
 * Asks an Ethernet link who has an IPv4 address, as a host does before it takes one: with a sender address of zeros, so
 * that nobody's table changes by it. Source: RFC 5227 §2.1.1, RFC 826, packet(7)
 */
import { networkInterfaces } from "node:os";
import { type IpAddress, ipBytes } from "#lib/ip.ts";
import {
  closeDescriptor,
  ethernetAddress,
  everybodyOn,
  interfaceIndex,
  packetSocket,
  receiveDatagram,
  sendDatagram,
} from "../libc/libc.ts";

/**
 * Takes a second and two packets.
 * @returns hardware addresses of other machines that say the address is theirs: `02:00:5e:00:53:01`. None where the link
 * is no Ethernet or this process may not ask. packet(7): CAP_NET_RAW
 */
export async function askByArp(device: string, address: IpAddress): Promise<readonly string[]> {
  const index = interfaceIndex(device);
  const opened = index === undefined ? undefined : packetSocket(ETHERTYPE_ARP, index);
  if (index === undefined || !opened?.ok) return [];
  const fd = opened.value;
  try {
    const own = ethernetAddress(fd);
    return own === undefined ? [] : await ask(fd, index, own, address);
  } finally {
    closeDescriptor(fd);
  }
}

async function ask(
  fd: number,
  index: number,
  own: string,
  address: IpAddress,
): Promise<readonly string[]> {
  // Another interface of ours on the same link may answer too.
  const interfaces = Object.values(networkInterfaces()).flat();
  const ours = new Set([own, ...interfaces.map((each) => each?.mac)]);
  const probe = arpProbe(own, address);
  const others = new Set<string>();
  for (let look = 0; look < LOOKS; look++) {
    if (look === 0 || look === LOOKS / 2)
      sendDatagram(fd, probe, everybodyOn(ETHERTYPE_ARP, index));
    await pause(BETWEEN_LOOKS);
    for (let heard = receiveDatagram(fd, 64); heard.ok; heard = receiveDatagram(fd, 64)) {
      const by = arpSender(heard.value, address);
      if (by !== undefined && !ours.has(by)) others.add(by);
    }
  }
  return [...others];
}

/** ARP packet: hardware type 0:2, protocol 2:2, lengths 4:2, operation 6:2, sender 8:6 and 14:4, target 18:6 and 24:4. RFC 826 */
function arpProbe(own: string, address: IpAddress): Uint8Array {
  const bytes = new Uint8Array(ARP_BYTES);
  bytes.set(ETHERNET_IPV4, 0);
  bytes[7] = REQUEST;
  bytes.set(Buffer.from(own.replaceAll(":", ""), "hex"), 8);
  bytes.set(ipBytes(address), 24);
  return bytes;
}

/** Whoever says in an ARP packet that the address is its own; undefined when nobody does. */
function arpSender(bytes: Uint8Array, address: IpAddress): string | undefined {
  const packet = Buffer.from(bytes);
  if (packet.length < ARP_BYTES || !packet.subarray(0, 6).equals(ETHERNET_IPV4)) return undefined;
  if (!packet.subarray(14, 18).equals(ipBytes(address))) return undefined;
  return packet.toString("hex", 8, 14).replaceAll(/..(?!$)/g, "$&:");
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

const ETHERTYPE_ARP = 0x0806;
const ETHERNET_IPV4 = Buffer.of(0, 1, 0x08, 0, 6, 4);
const ARP_BYTES = 28;
const REQUEST = 1;
/** A full receive buffer of a busy link lasts longer than this. Milliseconds. */
const BETWEEN_LOOKS = 50;
const LOOKS = 20;
