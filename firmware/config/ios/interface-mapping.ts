/** Which name an interface of the router has on this machine. */
import { interfaceKind, interfaceNameOf } from "./interface-name.ts";

/** What an interface is for, as far as the configuration tells. */
export type InterfacePart = "wan" | "lan" | "other";

export interface MappedInterface {
  readonly router: string;
  readonly here: string;
  /** Nobody said so: it is the import's guess. */
  readonly isGuess: boolean;
}

/** Hands out names: those that were asked for, and sensible ones for the rest. */
export class InterfaceMapping {
  readonly #asked: ReadonlyMap<string, string>;
  readonly #parts: ReadonlyMap<string, InterfacePart>;
  readonly #used = new Map<string, MappedInterface>();

  /**
   * @param asked names on this machine by names on the router, in any spelling of IOS.
   * @param parts by the router's names as a running-config prints them.
   */
  constructor(asked: ReadonlyMap<string, string>, parts: ReadonlyMap<string, InterfacePart>) {
    this.#asked = new Map(Array.from(asked, ([router, here]) => [interfaceNameOf(router), here]));
    this.#parts = parts;
  }

  /** Every interface that was named so far. */
  get used(): readonly MappedInterface[] {
    return [...this.#used.values()];
  }

  /** Names that were asked for and that nothing had a use for. */
  get unused(): readonly string[] {
    return [...this.#asked.keys()].filter((router) => !this.#used.has(router));
  }

  nameOf(router: string): string {
    const canonical = interfaceNameOf(router);
    const known = this.#used.get(canonical);
    if (known) return known.here;
    const asked = this.#asked.get(canonical);
    const here = asked ?? this.#free(canonical);
    this.#used.set(canonical, { router: canonical, here, isGuess: asked === undefined });
    return here;
  }

  #free(router: string): string {
    const taken = new Set([...this.#asked.values(), ...this.used.map(({ here }) => here)]);
    const own = ownName(router);
    if (own !== undefined && own.length <= LONGEST && !taken.has(own)) return own;
    const stem = this.#stem(router);
    const first = stem === "br-lan" ? stem : `${stem}0`;
    for (let count = 0; ; count++) {
      const name = count === 0 ? first : `${stem}${count}`;
      if (!taken.has(name)) return name;
    }
  }

  #stem(router: string): string {
    if (interfaceKind(router) === "Cellular") return "wwan";
    const part = this.#parts.get(router) ?? "other";
    if (part === "wan") return "wan";
    if (part === "lan") return "br-lan";
    return interfaceKind(router) === "Loopback" ? "dummy" : "eth";
  }
}

/** A tunnel keeps its name; a dialer's line is called after the dialer. */
function ownName(router: string): string | undefined {
  switch (interfaceKind(router)) {
    case "Tunnel":
      return router;
    case "Dialer":
      return `ppp-${router}`;
    default:
      return undefined;
  }
}

/** linux/if.h: IFNAMSIZ */
const LONGEST = 15;
