import type { IkeSaState } from "#state/document.ts";
import { list, shortDuration, table } from "../table.ts";
import type { Page } from "../terminal.ts";

/** IKE SAs, one a line. */
export function ikeTable(sas: readonly IkeSaState[], page?: Page): string {
  return table(
    sas,
    [
      { title: "CLIENT", cell: (sa) => sa.client },
      { title: "SESSION", cell: (sa) => sa.session, align: "right" },
      { title: "LOCAL", cell: (sa) => sa.local },
      { title: "REMOTE", cell: (sa) => sa.remote },
      {
        title: "STATE",
        cell: (sa) => sa.state,
        tone: (sa) => (sa.state === "established" ? "good" : "busy"),
      },
      { title: "SUITE", cell: suite },
      { title: "AGE", cell: (sa) => shortDuration(sa.age), align: "right" },
      {
        title: "REKEY IN",
        cell: (sa) => (sa["rekey-in"] === undefined ? undefined : shortDuration(sa["rekey-in"])),
        align: "right",
      },
    ],
    page,
  );
}

/** Each IKE SA with everything known of it. */
export function ikeDetail(sas: readonly IkeSaState[]): string {
  return sas.map(detail).join("\n");
}

function detail(sa: IkeSaState): string {
  const { authentication: proof } = sa;
  return list([
    ["Client", sa.client],
    ["Session", sa.session],
    ["State", sa.state],
    ["Role", sa["is-initiator"] ? "initiator" : "responder"],
    ["Local", `${sa.local}, ${sa["local-identity"]}`],
    ["Remote", `${sa.remote}, ${sa["remote-identity"] ?? "identity not known yet"}`],
    ["SPI", `${sa["spi-initiator"]} (initiator), ${sa["spi-responder"]} (responder)`],
    ["Encryption", sa.encryption],
    ["Integrity", sa.integrity],
    ["PRF", sa.prf],
    ["Key exchange", sa["key-exchange"]],
    ["Authentication", proof && `${proof.local} (local), ${proof.remote} (remote)`],
    ["NAT", natText(sa.nat)],
    ["Dead peer detection", sa.dpd && dpdText(sa.dpd)],
    ["Fragmentation", sa.fragmentation && fragmentationText(sa.fragmentation)],
    ["Message ids", sa["message-ids"] && messageIds(sa["message-ids"])],
    ["Age", shortDuration(sa.age)],
    ["Lifetime", sa.lifetime === undefined ? undefined : shortDuration(sa.lifetime)],
    ["Rekey in", sa["rekey-in"] === undefined ? undefined : shortDuration(sa["rekey-in"])],
    ["Rekeys", sa.rekeys],
    ["Child SAs", sa.children.map((one) => `${one["spi-in"]}/${one["spi-out"]}`).join(", ")],
  ]);
}

function dpdText({ mode, interval, retry }: NonNullable<IkeSaState["dpd"]>): string {
  return mode === "off" ? "off" : `${mode}, every ${interval} s, retry after ${retry} s`;
}

function fragmentationText({ mtu, agreed }: NonNullable<IkeSaState["fragmentation"]>): string {
  if (mtu === undefined) return "off";
  return `${agreed ? "agreed" : "the hub does not do it"}, packets of up to ${mtu} bytes`;
}

function messageIds({ next, expected }: NonNullable<IkeSaState["message-ids"]>): string {
  return `${next} is our next, ${expected} the hub's`;
}

const suite = (sa: IkeSaState): string =>
  [sa.encryption, sa.integrity, sa.prf, sa["key-exchange"]].filter(Boolean).join("/");

function natText({ local, remote }: IkeSaState["nat"]): string {
  if (local) return remote ? "at both ends" : "at this end";
  return remote ? "at the hub's end" : "none";
}
