/** What the configuration format knows and this version does not act on: refused by name rather than silently taken. */
import type { ConfigPath } from "./config-error.ts";

interface UnsupportedKey {
  /** Steps to the key; `*` stands for any name or index. */
  readonly path: readonly string[];
  /** Values that ask for nothing but what this version does anyway. */
  readonly harmless?: readonly unknown[];
  /** Only these values are refused; without it every value is. */
  readonly onlyIf?: (value: unknown) => boolean;
}

const isMapValue = (value: unknown): boolean => typeof value === "object" && value !== null;
const off = [false, "off", null];

const table: readonly UnsupportedKey[] = [
  { path: ["pki", "trustpoints", "*", "revocation"] },
  { path: ["pki", "trustpoints", "*", "enrollment"] },
  {
    path: ["ikev2", "proposals", "*", "additional-key-exchange"],
    onlyIf: (value) => !(Array.isArray(value) && value.length === 0),
    harmless: [null],
  },
  { path: ["ikev2", "profiles", "*", "mobike"], harmless: off },
  { path: ["ikev2", "profiles", "*", "redirect"], harmless: off },
  { path: ["ikev2", "profiles", "*", "ppk"], harmless: off },
  { path: ["ikev2", "profiles", "*", "config-exchange", "set-accept"], harmless: off },
  { path: ["ikev2", "profiles", "*", "config-exchange", "set-send"], harmless: off },
  { path: ["ikev2", "profiles", "*", "local", "eap"] },
  {
    path: ["ikev2", "profiles", "*", "local", "authentication"],
    onlyIf: (value) => value === "eap",
  },
  {
    path: ["tunnels", "*", "mode"],
    onlyIf: (value) => ["gre", "gre6", "vti"].includes(value as string),
  },
  {
    path: ["tunnels", "*", "address"],
    onlyIf: (value) =>
      isMapValue(value) || (typeof value === "string" && value.startsWith("unnumbered")),
  },
  { path: ["tunnels", "*", "vrf"], harmless: off },
  { path: ["tunnels", "*", "underlay-vrf"], harmless: off },
  { path: ["clients", "*", "source", "*", "budget"] },
  { path: ["clients", "*", "routes", "advertise"] },
  { path: ["clients", "*", "dns"], harmless: off },
];

/** Sections that may stand there empty, as when all that was in them is commented out. */
const emptySections: readonly (readonly string[])[] = [
  ["pki"],
  ["pki", "trustpoints"],
  ["ikev2"],
  ["ikev2", "proposals"],
  ["ikev2", "profiles"],
  ["ikev2", "profiles", "*", "local"],
  ["ikev2", "profiles", "*", "remote"],
  ["ipsec"],
  ["ipsec", "profiles"],
  ["tunnels"],
  ["track"],
  ["sla"],
  ["clients"],
  ["dialers"],
  ["clients", "*", "source"],
  ["clients", "*", "inside"],
  ["web"],
  ["snmp", "users"],
  ["snmp", "traps"],
  ["web", "users"],
  ["prometheus"],
  ["web", "tls"],
  ["mqtt"],
  ["syslog"],
  ["system"],
  ["system", "time"],
  ["system", "ssh"],
];

/**
 * Copies the file's data without what is unsupported or empty.
 * @returns the copy, and the path of every unsupported key that asks for something.
 */
export function setAsideUnsupported(data: unknown): {
  readonly supported: unknown;
  readonly refused: readonly ConfigPath[];
} {
  const refused: ConfigPath[] = [];
  const copy = (value: unknown, path: ConfigPath): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    const kept: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      const here = [...path, key];
      const row = table.find((candidate) => matches(candidate.path, here));
      const isRefused = row !== undefined && (row.onlyIf?.(item) ?? true);
      if (row?.harmless?.includes(item)) continue;
      if (isRefused) refused.push(here);
      else if (row && !row.onlyIf) continue;
      else if (item === null && emptySections.some((section) => matches(section, here))) continue;
      else if (row?.path.at(-1) === "additional-key-exchange") continue;
      else kept[key] = copy(item, here);
    }
    return kept;
  };
  return { supported: copy(data, []), refused };
}

function matches(pattern: readonly string[], path: ConfigPath): boolean {
  return (
    pattern.length === path.length &&
    pattern.every((step, index) => step === "*" || step === path[index])
  );
}
