import type { CompleteConfig } from "./complete.ts";
import type { Problems } from "./problems.ts";

/** Checks what must not be shared: a tunnel between clients, an interface between roles, names that differ by case only. */
export function checkNames(config: CompleteConfig, problems: Problems): void {
  checkCase(Object.keys(config.clients), "clients", problems);
  checkCase(Object.keys(config.tunnels), "tunnels", problems);
  const owners = new Map<string, string>();
  for (const [name, client] of Object.entries(config.clients)) {
    const owner = owners.get(client.tunnel);
    if (owner !== undefined)
      problems.error(
        ["clients", name, "tunnel"],
        `tunnel ${client.tunnel} belongs to client ${owner} already (one client a tunnel)`,
      );
    owners.set(client.tunnel, owner ?? name);
    checkInterfaces(name, client, Object.keys(config.tunnels), problems);
  }
  for (const tunnel of Object.keys(config.tunnels))
    if (!owners.has(tunnel))
      problems.warning(
        ["tunnels", tunnel],
        "no client uses this tunnel (name it in a client, or remove it)",
        "key",
      );
}

function checkInterfaces(
  name: string,
  client: CompleteConfig["clients"][string],
  tunnels: readonly string[],
  problems: Problems,
): void {
  const outside = client.source.map((source) => source.interface);
  for (const [index, device] of client.inside.entries()) {
    const path = ["clients", name, "inside", index];
    if (client.inside.indexOf(device) < index)
      problems.error(path, `${device} is in the list already (each interface once)`);
    if (outside.includes(device))
      problems.error(path, `${device} is a source of this client too (inside or source, not both)`);
    if (tunnels.includes(device))
      problems.error(path, `${device} is a tunnel (an inside interface faces the LAN)`);
  }
  for (const [index, { interface: device }] of client.source.entries())
    if (tunnels.includes(device))
      problems.error(
        ["clients", name, "source", index, "interface"],
        `${device} is a tunnel (a source faces the underlay)`,
      );
}

function checkCase(names: readonly string[], section: string, problems: Problems): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined)
      problems.error(
        [section, name],
        `differs from ${twin} by case only (choose another name)`,
        "key",
      );
    seen.set(name.toLowerCase(), name);
  }
}
