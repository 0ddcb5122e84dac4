import type { IpsecSaState } from "#state/document.ts";
import { shortDuration, shortSize, table } from "../table.ts";
import type { Page } from "../terminal.ts";

/** ESP SAs, one a line, with what the kernel counted. */
export function ipsecTable(sas: readonly IpsecSaState[], page?: Page): string {
  return table(
    sas,
    [
      { title: "CLIENT", cell: (sa) => sa.client },
      { title: "DIR", cell: (sa) => sa.direction },
      { title: "SPI", cell: (sa) => sa.spi },
      { title: "SOURCE", cell: (sa) => sa.source },
      { title: "DESTINATION", cell: (sa) => sa.destination },
      { title: "CIPHER", cell: cipher },
      { title: "SETTINGS", cell: settings },
      { title: "PACKETS", cell: (sa) => sa.packets, align: "right" },
      { title: "BYTES", cell: (sa) => shortSize(sa.bytes), align: "right" },
      {
        title: "DROPS",
        cell: (sa) => sa["replay-drops"] + sa["integrity-failures"],
        align: "right",
      },
      { title: "AGE", cell: (sa) => shortDuration(sa.age), align: "right" },
    ],
    page,
  );
}

const cipher = (sa: IpsecSaState): string =>
  [sa.encryption, sa.integrity].filter(Boolean).join("/");

function settings(sa: IpsecSaState): string {
  const words = [sa.mode, sa["udp-encapsulation"] ? "udp-encaps" : "", sa.esn ? "esn" : ""];
  return words.filter(Boolean).join(",");
}
