/**
 * Renders OpenWrt's `/etc/config/flexspoke` to our configuration file. Which section is which part of the file stands in
 * one table; what an option is called and means there, the schema says. It refuses what it can't place, and leaves every
 * judgement of values to the check of the result, whose lines name where they come from.
 */
import { Document, type Node, YAMLMap, YAMLSeq } from "yaml";
import { configJsonSchema } from "../json-schema.ts";
import { suggest } from "../suggestion.ts";
import { OptionFinder, type SchemaNode } from "./option-path.ts";
import { optionValue, type Rendered } from "./option-value.ts";
import { readUci, type UciFault, type UciSection } from "./read-uci.ts";

export interface RenderedUci {
  readonly yaml: string;
  /** Nothing may be run with the result when there is one. */
  readonly faults: readonly UciFault[];
}

/** Where a section of a type goes: one place, an entry of a map by its name, or an item of a list of a client. */
type Place =
  | { readonly kind: "one"; readonly path: readonly string[] }
  | { readonly kind: "named"; readonly path: readonly string[] }
  | { readonly kind: "of-client"; readonly list: string };

const named = (...path: string[]): Place => ({ kind: "named", path });
const one = (...path: string[]): Place => ({ kind: "one", path });

/** The sections, in the order in which a person writes them. */
const places: Readonly<Record<string, Place>> = {
  flexspoke: one(),
  trustpoint: named("pki", "trustpoints"),
  ike_proposal: named("ikev2", "proposals"),
  ike_profile: named("ikev2", "profiles"),
  ipsec_profile: named("ipsec", "profiles"),
  tunnel: named("tunnels"),
  sla: named("sla"),
  track: named("track"),
  client: named("clients"),
  peer: { kind: "of-client", list: "peers" },
  source: { kind: "of-client", list: "source" },
  dialer: named("dialers"),
  change_guard: one("change-guard"),
  mqtt: one("mqtt"),
  web: one("web"),
  web_user: named("web", "users"),
  syslog: one("syslog"),
  snmp: one("snmp"),
  snmp_user: named("snmp", "users"),
  prometheus: one("prometheus"),
};

/** Options of the section `flexspoke` that the service's script reads. */
const forTheService = new Set(["enabled", "config", "log_level"]);

/** @param source the file's name, for the comments that say where a line comes from. */
export function renderUci(text: string, source: string): RenderedUci {
  const { sections, faults } = readUci(text);
  const writer = new Writer(source, [...faults]);
  for (const section of sections) writer.add(section);
  return { yaml: writer.yaml(), faults: writer.faults.sort((a, b) => a.line - b.line) };
}

class Writer {
  readonly faults: UciFault[];
  readonly #source: string;
  readonly #document = new Document({});
  readonly #finder = new OptionFinder(configJsonSchema() as SchemaNode);

  constructor(source: string, faults: UciFault[]) {
    this.#source = source;
    this.faults = faults;
    this.#document.commentBefore = ` Rendered from ${source}. Change that file: this one is written again.`;
  }

  yaml(): string {
    return this.#document.toString({ lineWidth: 0 });
  }

  add(section: UciSection): void {
    const place = Object.hasOwn(places, section.type) ? places[section.type] : undefined;
    if (!place) {
      const known = Object.keys(places);
      this.#fault(section.line, `there is no section ${section.type}`, section.type, known);
      return;
    }
    const at = this.#pathOf(section, place);
    if (!at) return;
    const { path, used } = at;
    const schemaPath = place.kind === "of-client" ? ["clients", "any", place.list] : path;
    const forms = this.#finder.at(schemaPath);
    const inside = place.kind === "of-client" ? this.#finder.items(forms) : forms;
    const target = this.#targetOf(path, place);
    for (const option of section.options) {
      if (used.has(option.key)) continue;
      const found = this.#finder.find(inside, option.key);
      if (found) this.#set(target, found.path, optionValue(option, found.forms, this.#finder));
      else {
        const said = `${section.type} has no option ${option.key}`;
        this.#fault(option.line, said, option.key, this.#finder.names(inside));
      }
    }
  }

  /** Where the section goes, and which of its options said so. */
  #pathOf(section: UciSection, place: Place) {
    if (place.kind === "one")
      return { path: place.path, used: place.path.length === 0 ? forTheService : nothing };
    const key = place.kind === "named" ? "name" : "client";
    const told = section.options.find((option) => option.key === key)?.values[0]?.text;
    const name = told ?? (place.kind === "named" ? section.name : undefined);
    if (name === undefined || name === "") {
      const wanted = key === "name" ? `config ${section.type} 'NAME'` : "option client 'NAME'";
      this.faults.push({
        line: section.line,
        message: `${section.type} does not say ${key === "name" ? "its name" : "whose it is"} (${wanted})`,
      });
      return undefined;
    }
    const path = place.kind === "named" ? [...place.path, name] : ["clients", name, place.list];
    return { path, used: new Set([key]) };
  }

  /** The map that the section's options go into, made where it is not there yet. */
  #targetOf(path: readonly string[], place: Place): YAMLMap {
    const map = path.reduce<YAMLMap>(
      (parent, key, index) => {
        const isList = place.kind === "of-client" && index === path.length - 1;
        const there = parent.get(key, true) as Node | undefined;
        const child = there ?? (isList ? new YAMLSeq() : new YAMLMap());
        if (!there) parent.set(key, child);
        if (!isList) return child as YAMLMap;
        const item = new YAMLMap();
        (child as YAMLSeq).add(item);
        return item;
      },
      this.#document.contents as unknown as YAMLMap,
    );
    return map;
  }

  #set(map: YAMLMap, path: readonly string[], value: Rendered): void {
    const [key = "", ...rest] = path;
    if (rest.length === 0) {
      map.set(key, this.#node(value));
      return;
    }
    const there = map.get(key, true);
    const child = there instanceof YAMLMap ? there : new YAMLMap();
    if (child !== there) map.set(key, child);
    this.#set(child, rest, value);
  }

  #node(value: Rendered): Node {
    if (value.kind === "scalar") {
      const node = this.#document.createNode(value.value);
      node.comment = ` ${this.#source}:${value.line}`;
      return node;
    }
    if (value.kind === "list") {
      const list = new YAMLSeq();
      for (const item of value.items) list.add(this.#node(item));
      return list;
    }
    const map = new YAMLMap();
    for (const [key, item] of value.entries) map.set(key, this.#node(item));
    return map;
  }

  #fault(line: number, said: string, word: string, known: readonly string[]): void {
    const meant = suggest(word, known);
    const advice = meant === undefined ? known.join(", ") : `did you mean ${meant}?`;
    this.faults.push({ line, message: `${said} (${advice})` });
  }
}

const nothing: ReadonlySet<string> = new Set();
