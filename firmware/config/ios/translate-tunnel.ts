/** Tunnel interfaces. IOS: interface TunnelN */
import { parseIpAddress, parsePrefix, splitPrefix } from "#lib/ip.ts";
import { interfaceNameOf } from "./interface-name.ts";
import { maskLength } from "./masks.ts";
import { idOf, type Section, sectionsOf, valueIn } from "./read-sections.ts";
import { translateIpsecProfile } from "./translate-ikev2.ts";
import { carriedNumber, lineOf, linesOf, type Work } from "./work.ts";

/** Puts a tunnel into the draft under `name`. */
export function translateTunnel(work: Work, section: Section, name: string): void {
  const protection = lineOf(section, "protection");
  work.ledger.carried(section, protection);
  const notes: string[] = [];
  const mtu = carriedNumber(work, lineOf(section, "mtu"), "mtu", [576, 9216]);
  const mss = carriedNumber(work, lineOf(section, "mss"), "mss", [216, 9176]);
  explainMode(work, section, notes);
  const value = {
    mode: "ipsec",
    address: addressOf(work, section, notes),
    "ipsec-profile": translateIpsecProfile(
      work,
      protection ? valueIn(protection, "name") : "default",
    ),
    ...(mtu !== undefined && { mtu }),
    ...(mss !== undefined && { "tcp-mss": mss }),
  };
  work.draft.tunnels.set(name, { value, from: [section], notes });
}

/** The name of the IPsec profile that protects a tunnel; undefined for a tunnel without. */
export function protectionOf(section: Section): string | undefined {
  const line = lineOf(section, "protection");
  return line && valueIn(line, "name");
}

function explainMode(work: Work, section: Section, notes: string[]): void {
  const line = lineOf(section, "mode");
  const mode = line ? valueIn(line, "mode").toLowerCase() : "gre ip";
  if (/^ipsec\b/.test(mode)) {
    work.ledger.carried(line);
    return;
  }
  const reason =
    "GRE is not supported by this version: mode ipsec is used, which needs a hub that takes it (virtual-template … mode auto)";
  work.ledger.left(line ?? section, reason);
  notes.push(reason);
}

function addressOf(work: Work, section: Section, notes: string[]): string {
  const line = lineOf(section, "negotiated", "negotiated6", "address", "address6", "unnumbered");
  for (const other of linesOf(
    section,
    "negotiated",
    "negotiated6",
    "address",
    "address6",
    "unnumbered",
    "no-address",
  ))
    if (other !== line) work.ledger.carried(other);
  if (!line) return "negotiated";
  if (idOf(line) === "unnumbered") return unnumbered(work, line, notes);
  const address = hostAddress(line);
  if (idOf(line).startsWith("negotiated")) work.ledger.carried(line);
  else if (address === undefined)
    work.ledger.left(line, "is no address of a host: one is asked of the hub");
  else work.ledger.carried(line);
  return address ?? "negotiated";
}

/** The address that the other interface has, on a tunnel of its own. */
function unnumbered(work: Work, line: Section, notes: string[]): string {
  const name = interfaceNameOf(valueIn(line, "interface"));
  const owner = sectionsOf(work.roots, "interface").find(
    (each) => interfaceNameOf(valueIn(each, "name")) === name,
  );
  const lent = lineOf(owner, "address");
  const address = lent && parseIpAddress(valueIn(lent, "address"));
  if (!lent || !address) {
    work.ledger.left(
      line,
      "unnumbered tunnels are not supported by this version: an address is asked of the hub",
    );
    return "negotiated";
  }
  work.ledger.carried(line, owner, lent);
  notes.push(`the address of ${name}, which the tunnel had without a number of its own`);
  return `${address}/32`;
}

function hostAddress(line: Section): string | undefined {
  if (idOf(line) === "address6") {
    const [text = "", length = ""] = valueIn(line, "prefix").split("/");
    const [address, prefix] = [parseIpAddress(text), parsePrefix(valueIn(line, "prefix"))];
    return address && prefix && splitPrefix(prefix) ? `${address}/${Number(length)}` : undefined;
  }
  const [address, length] = [
    parseIpAddress(valueIn(line, "address")),
    maskLength(valueIn(line, "mask")),
  ];
  return address && length !== undefined ? `${address}/${length}` : undefined;
}
