/** What each interface of the router is for, judged by all that is said of it. */

import type { InterfacePart } from "./interface-mapping.ts";
import { interfaceKind, interfaceNameOf, readInterfaceName } from "./interface-name.ts";
import { idOf, type Section, sectionsOf, valueIn } from "./read-sections.ts";

/** Part by the interface's name as a running-config prints it. */
export function interfaceParts(roots: readonly Section[]): ReadonlyMap<string, InterfacePart> {
  const parts = new Map<string, InterfacePart>();
  const put = (name: string, part: InterfacePart) => {
    const canonical = interfaceNameOf(name);
    if (interfaceKind(canonical) !== "Tunnel") parts.set(canonical, part);
  };
  for (const section of sectionsOf(roots, "interface")) {
    const name = valueIn(section, "name");
    if (/^(Vlan|BVI|BDI)\d/.test(interfaceNameOf(name))) put(name, "lan");
    for (const line of section.children) {
      if (idOf(line) === "nat-inside") put(name, "lan");
      if (["nat-outside", "dhcp", "pppoe", "pool-member"].includes(idOf(line))) put(name, "wan");
    }
  }
  for (const route of sectionsOf(roots, "route")) {
    const isDefault =
      valueIn(route, "prefix") === "0.0.0.0" && valueIn(route, "mask") === "0.0.0.0";
    const out = readInterfaceName(valueIn(route, "rest").split(/\s+/));
    if (isDefault && out) put(out.name, "wan");
  }
  for (const client of sectionsOf(roots, "client"))
    for (const line of client.children)
      if (idOf(line) === "inside") put(valueIn(line, "interface"), "lan");
  for (const source of sourcesOf(roots)) put(valueIn(source, "interface"), "wan");
  return parts;
}

function sourcesOf(roots: readonly Section[]): readonly Section[] {
  return sectionsOf(roots, "client", "interface").flatMap((section) =>
    sectionsOf(section.children, "source", "source-interface"),
  );
}
