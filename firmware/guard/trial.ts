/**
 * One configuration on trial: what it has to bring back, and how much of its time is left. The time runs only while a link
 * that worked before still works: a cable that somebody pulls out is not the configuration's fault.
 */
import { after, type Duration, elapsed, type MonotonicMs } from "#lib/duration.ts";
import type { ClientStatus } from "#state/document.ts";
import type { Expected } from "./inputs.ts";

/** What the guard knows of the branch. */
export interface Branch {
  /** Names of the clients of the configuration in force. */
  readonly present: ReadonlySet<string>;
  readonly clients: ReadonlyMap<
    string,
    { readonly status: ClientStatus; readonly reason: string; readonly link?: string }
  >;
  /** Interfaces by whether they can carry something; one nobody told of may. */
  readonly links: ReadonlyMap<string, boolean>;
}

export class Trial {
  readonly by: string;
  readonly within: Duration;
  readonly needsConfirm: boolean;
  /** Its first loss was told of. */
  isTold = false;
  #expected: readonly Expected[];
  #left: Duration;
  #runsSince: MonotonicMs | undefined;

  constructor(expected: readonly Expected[], by: string, within: Duration, needsConfirm: boolean) {
    this.by = by;
    this.within = within;
    this.needsConfirm = needsConfirm;
    this.#expected = expected;
    this.#left = within;
  }

  get expected(): readonly Expected[] {
    return this.#expected;
  }

  /** When it is over; undefined while its time stands still. */
  get endsAt(): MonotonicMs | undefined {
    return this.#runsSince === undefined ? undefined : after(this.#runsSince, this.#left);
  }

  release(client: string): void {
    this.#expected = this.#expected.filter((each) => each.client !== client);
  }

  /** The clients that were up before and are not made up for. */
  lacking({ present, clients }: Branch): readonly Expected[] {
    const statusOf = (client: string) =>
      present.has(client) ? clients.get(client)?.status : "idle";
    const isAnyUp = [...present].some((client) => statusOf(client) === "up");
    return this.#expected.filter(({ client }) => {
      const status = statusOf(client);
      if (status === "up") return false;
      // Gone, manual, or held by its track object: meant so, as long as something still connects the branch.
      return !(isAnyUp && (status === "idle" || status === "tracking"));
    });
  }

  /** Lets its time run or stand still, as things are now. */
  review(branch: Branch, now: MonotonicMs): void {
    const lacking = this.lacking(branch);
    const isFair =
      this.needsConfirm ||
      lacking.length === 0 ||
      lacking.some(({ link }) => link === undefined || branch.links.get(link) !== false);
    if (isFair) {
      this.#runsSince ??= now;
      return;
    }
    if (this.#runsSince === undefined) return;
    this.#left = Math.max(0, this.#left - elapsed(this.#runsSince, now)) as Duration;
    this.#runsSince = undefined;
  }
}
