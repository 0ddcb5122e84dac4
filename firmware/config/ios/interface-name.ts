/** Names of a router's interfaces, as typed, as printed, and as short forms in between. */

/** Kinds as a running-config prints them; of two with the same beginning the more usual stands first. */
const kinds = [
  "GigabitEthernet",
  "FastEthernet",
  "TenGigabitEthernet",
  "TwoGigabitEthernet",
  "TwentyFiveGigE",
  "FortyGigabitEthernet",
  "HundredGigE",
  "Ethernet",
  "Tunnel",
  "Loopback",
  "Vlan",
  "BDI",
  "BVI",
  "Port-channel",
  "Dialer",
  "Cellular",
  "Serial",
  "Async",
  "ATM",
  "Virtual-Template",
  "Virtual-Access",
  "Virtual-PPP",
  "Wlan-GigabitEthernet",
  "Dot11Radio",
  "Embedded-Service-Engine",
  "AppGigabitEthernet",
  "Multilink",
  "NVI",
  "Null",
  "VirtualPortGroup",
] as const;

/** What the beginning of `words` names: `Gi0/0/0`, `gigabitethernet 0/0/0`. Undefined when it is no interface. */
export function readInterfaceName(
  words: readonly string[],
): { readonly name: string; readonly taken: number } | undefined {
  const [first = "", second = ""] = words;
  const glued = /^([A-Za-z][A-Za-z0-9-]*?)(\d[\d/.:]*)$/.exec(first);
  const [letters, digits, taken] = glued
    ? [glued[1] ?? "", glued[2] ?? "", 1]
    : [first, /^\d[\d/.:]*$/.test(second) ? second : "", 2];
  const kind = digits === "" ? undefined : kindOf(letters);
  return kind === undefined ? undefined : { name: `${kind}${digits}`, taken };
}

/** The name as a running-config prints it; the text itself when it is no interface. */
export function interfaceNameOf(text: string): string {
  return readInterfaceName(text.split(/\s+/))?.name ?? text;
}

function kindOf(letters: string): string | undefined {
  const typed = letters.toLowerCase();
  if (typed.length < 2) return undefined;
  return (
    kinds.find((kind) => kind.toLowerCase() === typed) ??
    kinds.find((kind) => kind.toLowerCase().startsWith(typed))
  );
}

/** `GigabitEthernet` of `GigabitEthernet0/0/0`. */
export const interfaceKind = (name: string): string => name.replace(/[\d/.:]+$/, "");
