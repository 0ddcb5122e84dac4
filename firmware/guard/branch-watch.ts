/**
 * How the branch fares, as its clients and links are told of: what those who judge something new go by. It judges nothing.
 */
import { type Duration, formatDuration } from "#lib/duration.ts";
import type { Expected, GuardInput } from "./inputs.ts";
import type { Branch } from "./trial.ts";

type ClientFacts = Branch["clients"] extends ReadonlyMap<string, infer Facts> ? Facts : never;

export class BranchWatch implements Branch {
  readonly clients = new Map<string, ClientFacts>();
  readonly links = new Map<string, boolean>();
  present: ReadonlySet<string> = new Set();
  /** Why a client that is not up last failed: while it tries again, its own reason is only what it is trying. */
  readonly #failures = new Map<string, string>();

  clientChanged(input: Extract<GuardInput, { kind: "client-changed" }>): void {
    const { client, status, reason, link } = input;
    this.clients.set(client, { status, reason, ...(link === undefined ? {} : { link }) });
    if (status === "up") this.#failures.delete(client);
    else if (status === "backoff" || status === "failed") this.#failures.set(client, reason);
  }

  linkChanged({ link, isUsable }: Extract<GuardInput, { kind: "link-changed" }>): void {
    this.links.set(link, isUsable);
  }

  /** What failed so far is no matter of what comes now. */
  forgetFailures(): void {
    this.#failures.clear();
  }

  /** Clients that are up now, and the links that they use. */
  upNow(): readonly Expected[] {
    return [...this.clients].flatMap(([client, { status, link }]) =>
      this.present.has(client) && status === "up"
        ? [{ client, ...(link === undefined ? {} : { link }) }]
        : [],
    );
  }

  /** Why a client is not back, one sentence. @param absent is said of one that the configuration does not have. */
  notBack(client: string, within: Duration, absent: string): string {
    const reason = this.present.has(client)
      ? (this.#failures.get(client) ?? this.clients.get(client)?.reason)
      : absent;
    const because = reason === undefined ? "" : ` (${reason})`;
    return `${client} was up before and did not come up within ${formatDuration(within)}${because}`;
  }
}
