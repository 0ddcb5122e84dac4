/** IOS: show crypto ikev2 session [detailed]. Source: reference/flexvpn-client.md 6.4 */
import type { IkeSaState, IpsecSaState, StateDocument } from "#state/document.ts";
import { bothFamilies, saLines } from "./ikev2-sa.ts";
import { spiDigits } from "./names.ts";

/** A block a session: its state, its IKE SA and its Child SAs. */
export function ikev2SessionLayout({ ike, ipsec }: Pick<StateDocument, "ike" | "ipsec">): string {
  return bothFamilies("Session", ike, (sa) => {
    const status = sa.children.length > 0 ? "UP-ACTIVE" : "UP-IDLE";
    const isUp = sa.state === "established" || sa.state === "rekeying";
    return [
      `Session-id:${sa.session}, Status:${isUp ? status : "DOWN-NEGOTIATING"}, IKE count:1, CHILD count:${sa.children.length}`,
      "",
      ...saLines(sa),
      ...sa.children.flatMap((child) => childLines(child, ipsec)),
    ];
  });
}

function childLines(
  child: IkeSaState["children"][number],
  ipsec: readonly IpsecSaState[],
): readonly string[] {
  const [own, peer] = [spiDigits(child["spi-in"]), spiDigits(child["spi-out"])];
  const { selectors } = ipsec.find(({ spi }) => spiDigits(spi) === own) ?? {};
  const side = (prefixes: readonly string[] | undefined) =>
    (prefixes ?? []).map((prefix) => range(prefix)).join(", ") || "none";
  return [
    `Child sa: local selector  ${side(selectors?.local)}`,
    `          remote selector ${side(selectors?.remote)}`,
    `          ESP spi in/out: 0x${own}/0x${peer}`,
  ];
}

/** `10.0.0.0/0 - 10.255.255.255/65535`: first and last address, with all ports. IPv6 keeps the prefix. */
function range(prefix: string): string {
  const [address = "", length = "0"] = prefix.split("/");
  if (address.includes(":")) return `${prefix} port 0 - 65535`;
  const first = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const last = first + 2 ** (32 - Number(length)) - 1;
  const dotted = [24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256).join(".");
  return `${address}/0 - ${dotted}/65535`;
}
