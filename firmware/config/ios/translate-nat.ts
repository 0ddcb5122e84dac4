/** Translation and routes: which of the router's rules are what a client does anyway, and why the others are left out. */
import { type Prefix, splitPrefix } from "#lib/ip.ts";
import { interfaceNameOf, readInterfaceName } from "./interface-name.ts";
import { reasons } from "./known-line.ts";
import { prefixFromMask } from "./masks.ts";
import { idOf, type Section, sectionsOf, valueIn } from "./read-sections.ts";
import type { Work } from "./work.ts";

/** The rules that translate to the address of a tunnel, each carried over with it. */
export function natRules(work: Work, tunnel: string): readonly Section[] {
  const rules = sectionsOf(work.roots, "nat-list").filter(
    (rule) => interfaceNameOf(valueIn(rule, "interface")) === tunnel,
  );
  work.ledger.carried(...rules);
  return rules;
}

/** Interfaces with `ip nat inside`, with the line that says so. */
export function insideInterfaces(
  work: Work,
): readonly { readonly name: string; readonly line: Section }[] {
  return sectionsOf(work.roots, "interface").flatMap((section) =>
    sectionsOf(section.children, "nat-inside").map((line) => ({
      name: valueIn(section, "name"),
      line,
    })),
  );
}

/** Tells why routes and the remaining rules of NAT are left out. @param hubs addresses of peers. */
export function explainRest(work: Work, hubs: readonly string[]): void {
  for (const rule of sectionsOf(work.roots, "nat-list"))
    if (!work.ledger.isCarried(rule)) work.ledger.left(rule, reasons.firewall);
  for (const route of sectionsOf(work.roots, "route", "route6"))
    work.ledger.left(route, routeReason(route, hubs));
  const used = new Set(
    sectionsOf(work.roots, "nat-list")
      .filter((rule) => work.ledger.isCarried(rule))
      .map((rule) => valueIn(rule, "name")),
  );
  for (const root of work.roots) {
    const name = natOf(root);
    if (name !== undefined && used.has(name))
      work.ledger.left(
        root,
        "all addresses of the inside interfaces are translated in the tunnel, whatever the rule picks",
      );
  }
}

/** The name of an access list or route-map. */
function natOf(section: Section): string | undefined {
  return /^(?:access-list|ip access-list (?:standard|extended)|route-map)\s+(\S+)/i.exec(
    section.line.text,
  )?.[1];
}

function routeReason(route: Section, hubs: readonly string[]): string {
  const words = valueIn(route, "rest").split(/\s+/);
  const out = readInterfaceName(words);
  if (out && /^Tunnel/.test(out.name))
    return `${reasons.learnt}; where it names none, all traffic goes into the tunnel`;
  const prefix = prefixOf(route);
  const isHost = prefix !== undefined && [32, 128].includes(splitPrefix(prefix).length);
  if (isHost && hubs.includes(splitPrefix(prefix).address))
    return "is not needed: each client makes the route to its hub by the source that it uses";
  const isFloating =
    /^\d+$/.test(words.at(-1) ?? "") || words.some((word) => /^track$/i.test(word));
  return isFloating
    ? `${reasons.underlay}; which source is used follows from clients.*.source`
    : reasons.underlay;
}

function prefixOf(route: Section): Prefix | undefined {
  if (idOf(route) === "route6") return valueIn(route, "prefix") as Prefix;
  return prefixFromMask(valueIn(route, "prefix"), valueIn(route, "mask"));
}
