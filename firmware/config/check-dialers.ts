import { unknownName } from "./complete.ts";
import type { Problems } from "./problems.ts";
import { defaultInterface } from "./resolve-dialer.ts";
import type { FileClient } from "./schema-client.ts";
import type { FileDialer } from "./schema-dialer.ts";

/** What dialers must not share with each other or with other parts of the file. */
interface Neighbours {
  readonly dialers: Readonly<Record<string, FileDialer>>;
  readonly tunnels: Readonly<Record<string, unknown>>;
  readonly clients: Readonly<Record<string, Pick<FileClient, "inside" | "dialer">>>;
  /** Names of the track objects. */
  readonly tracks: readonly string[];
}

/** Checks that every dialer has an interface of its own and somebody to dial for, and that names name something. */
export function checkDialers(around: Neighbours, problems: Problems): void {
  const owners = new Map<string, string>();
  const dialled = new Set(Object.values(around.clients).map((client) => client.dialer));
  for (const [name, { dialer }] of Object.entries(around.clients))
    if (dialer !== undefined && !Object.hasOwn(around.dialers, dialer))
      problems.error(
        ["clients", name, "dialer"],
        unknownName("dialer", Object.keys(around.dialers)),
      );
  for (const [name, dialer] of Object.entries(around.dialers)) {
    const { demand } = dialer;
    if (typeof demand === "object" && !around.tracks.includes(demand.track))
      problems.error(
        ["dialers", name, "demand", "track"],
        unknownName("track object", around.tracks),
      );
    if (!demand && !dialled.has(name))
      problems.warning(
        ["dialers", name],
        "nothing ever dials it (name it as the dialer of a client, or give it a demand)",
        "key",
      );
    checkInterface(name, dialer, around, owners, problems);
  }
}

function checkInterface(
  name: string,
  dialer: FileDialer,
  { tunnels, clients }: Neighbours,
  owners: Map<string, string>,
  problems: Problems,
): void {
  const device = dialer.interface ?? defaultInterface(name, dialer);
  if (device === undefined) return;
  const isGiven = dialer.interface !== undefined;
  const path = isGiven ? ["dialers", name, "interface"] : ["dialers", name];
  const fail = (message: string) => problems.error(path, message, isGiven ? "value" : "key");
  if (device.length > LONGEST_NAME)
    fail(`its interface would be ${device} (give an interface of at most 15 characters)`);
  const owner = owners.get(device);
  if (owner !== undefined)
    fail(`${device} is the interface of dialer ${owner} already (each its own)`);
  owners.set(device, owner ?? name);
  if (Object.hasOwn(tunnels, device))
    fail(`${device} is a tunnel (a dialer's interface faces the underlay)`);
  if (dialer.pppoe?.interface === device)
    fail(`${device} carries the PPPoE session (the session has an interface of its own)`);
  for (const [client, { inside }] of Object.entries(clients)) {
    if (inside.includes(device))
      fail(`${device} is an inside interface of client ${client} (a dialer faces the underlay)`);
  }
}

/** linux/if.h: IFNAMSIZ */
const LONGEST_NAME = 15;
