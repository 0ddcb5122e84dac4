/**
 * What the kernel tells by itself, as notifications: interfaces and addresses of the machine, SAs that expire. Remembers
 * names and states of interfaces, so that only what changed is told. Source: `rtnetlink(7)`.
 */
import type { DataPlaneNotification } from "#dataplane/port.ts";
import type { NetlinkMessage } from "./netlink/codec.ts";
import { decodeAddress, decodeLink, type LinkStatus } from "./route/link-codec.ts";
import { message } from "./route/uapi.ts";

export class InterfaceEvents {
  readonly #byIndex = new Map<number, { readonly name: string; readonly isUp: boolean }>();

  /** Reads a multicast message of the route family. @returns what it changes; usually nothing. */
  read({ type, payload }: NetlinkMessage): readonly DataPlaneNotification[] {
    switch (type) {
      case message.newLink:
      case message.deleteLink: {
        const link = decodeLink(payload);
        if (!link) return [];
        return type === message.newLink ? this.#seen(link) : this.#gone(link.index);
      }
      case message.newAddress:
      case message.deleteAddress: {
        const name = this.#byIndex.get(decodeAddress(payload)?.index ?? 0)?.name;
        return name === undefined ? [] : [{ kind: "address", name }];
      }
      default:
        return [];
    }
  }

  /** Takes the whole truth after messages were lost, or at the start. @returns what was missed. */
  resync(links: readonly LinkStatus[]): readonly DataPlaneNotification[] {
    const present = new Set(links.map(({ index }) => index));
    const gone = [...this.#byIndex.keys()].filter((index) => !present.has(index));
    return [
      ...gone.flatMap((index) => this.#gone(index)),
      ...links.flatMap((link) => this.#seen(link)),
    ];
  }

  #seen(link: LinkStatus): readonly DataPlaneNotification[] {
    const old = this.#byIndex.get(link.index);
    this.#byIndex.set(link.index, { name: link.name, isUp: link.isRunning });
    if (old?.name === link.name && old.isUp === link.isRunning) return [];
    const renamed = old && old.name !== link.name && old.isUp;
    return [
      ...(renamed ? [{ kind: "link", name: old.name, isUp: false } as const] : []),
      { kind: "link", name: link.name, isUp: link.isRunning },
    ];
  }

  #gone(index: number): readonly DataPlaneNotification[] {
    const old = this.#byIndex.get(index);
    this.#byIndex.delete(index);
    return old?.isUp ? [{ kind: "link", name: old.name, isUp: false }] : [];
  }
}
