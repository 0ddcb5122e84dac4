/**
 * Who is made of whom: the dependents of each object, and an order in which every object comes after its members. Knows
 * neither states nor facts; the configuration has no loops.
 */
import { objectsOf } from "#config/boolean-syntax.ts";
import type { ResolvedTrack, TrackTest } from "#config/resolved-track.ts";

/** Names of the objects that a test is made of, each once. */
export function membersOf(test: TrackTest): readonly string[] {
  switch (test.kind) {
    case "boolean":
      return [...new Set(objectsOf(test.expression).map(({ object }) => object))];
    case "weight":
      return test.members.map(({ object }) => object);
    case "percentage":
      return test.objects;
    default:
      return [];
  }
}

export class Graph {
  readonly #dependents = new Map<string, string[]>();
  readonly #ranks = new Map<string, number>();

  constructor(tracks: Readonly<Record<string, ResolvedTrack>>) {
    const waiting = new Map<string, number>();
    for (const { name, test } of Object.values(tracks)) {
      const members = membersOf(test);
      waiting.set(name, members.length);
      for (const member of members) {
        const dependents = this.#dependents.get(member) ?? [];
        dependents.push(name);
        this.#dependents.set(member, dependents);
      }
    }
    let ready = [...waiting].filter(([, count]) => count === 0).map(([name]) => name);
    for (let rank = 0; ready.length > 0; rank++) {
      const next: string[] = [];
      for (const name of ready) {
        this.#ranks.set(name, rank);
        for (const dependent of this.dependentsOf(name)) {
          const left = (waiting.get(dependent) ?? 0) - 1;
          waiting.set(dependent, left);
          if (left === 0) next.push(dependent);
        }
      }
      ready = next;
    }
  }

  /** Names of all objects, members before those that are made of them. */
  get order(): readonly string[] {
    return [...this.#ranks.keys()];
  }

  /** 0 for an object without members; above that of every member. */
  rankOf(name: string): number {
    return this.#ranks.get(name) ?? 0;
  }

  /** Objects that are made of this one, each once. */
  dependentsOf(name: string): readonly string[] {
    return this.#dependents.get(name) ?? [];
  }
}
