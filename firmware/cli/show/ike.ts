import type { IkeSaState } from "#state/document.ts";
import { list, shortDuration, table } from "../table.ts";

/** IKE SAs, one a line. */
export function ikeTable(sas: readonly IkeSaState[]): string {
  return table(sas, [
    { title: "CLIENT", cell: (sa) => sa.client },
    { title: "SESSION", cell: (sa) => sa.session, align: "right" },
    { title: "LOCAL", cell: (sa) => sa.local },
    { title: "REMOTE", cell: (sa) => sa.remote },
    { title: "STATE", cell: (sa) => sa.state },
    { title: "SUITE", cell: suite },
    { title: "AGE", cell: (sa) => shortDuration(sa.age), align: "right" },
    {
      title: "REKEY IN",
      cell: (sa) => (sa["rekey-in"] === undefined ? undefined : shortDuration(sa["rekey-in"])),
      align: "right",
    },
  ]);
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
    ["Age", shortDuration(sa.age)],
    ["Rekey in", sa["rekey-in"] === undefined ? undefined : shortDuration(sa["rekey-in"])],
    ["Rekeys", sa.rekeys],
    ["Child SAs", sa.children.map((one) => `${one["spi-in"]}/${one["spi-out"]}`).join(", ")],
  ]);
}

const suite = (sa: IkeSaState): string =>
  [sa.encryption, sa.integrity, sa.prf, sa["key-exchange"]].filter(Boolean).join("/");

function natText({ local, remote }: IkeSaState["nat"]): string {
  if (local) return remote ? "at both ends" : "at this end";
  return remote ? "at the hub's end" : "none";
}
