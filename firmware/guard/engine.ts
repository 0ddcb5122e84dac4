/**
 * The change guard: whether a new configuration may stay. It stays when what was up before is up again and has been for a
 * moment, or when an operator confirms it; else it is undone when its time is over. It knows clients by name and interfaces
 * by whether they work; it never sees the configuration itself.
 */

import { assertNever } from "#lib/assert-never.ts";
import { earliest } from "#lib/deadlines.ts";
import { after, formatDuration, type MonotonicMs, seconds } from "#lib/duration.ts";
import type { Engine } from "#lib/engine.ts";
import { clientSubject, daemonSubject } from "#state/event.ts";
import { type MnemonicName, severityOf } from "#state/mnemonics.ts";
import type { GuardAction } from "./actions.ts";
import type { Expected, GuardInput } from "./inputs.ts";
import { type Branch, Trial } from "./trial.ts";

type ClientFacts = Branch["clients"] extends ReadonlyMap<string, infer Facts> ? Facts : never;

/** What can be seen of the guard. */
export interface GuardView {
  /** What is in force has connected the branch, or was confirmed. */
  readonly isKept: boolean;
  readonly trial?: {
    readonly by: string;
    /** Clients that are still waited for. */
    readonly lacking: readonly string[];
    readonly needsConfirm: boolean;
    /** When it is undone; absent while a link is waited for. */
    readonly endsAt?: MonotonicMs;
  };
}

/** Up for this long counts as up: what comes up at once and falls again proves nothing. */
const STEADY = seconds(5);

export class GuardEngine implements Engine<GuardInput, GuardAction> {
  readonly #clients = new Map<string, ClientFacts>();
  readonly #links = new Map<string, boolean>();
  /** Why a client that is not up last failed: while it tries again, its own reason is only what it is trying. */
  readonly #failures = new Map<string, string>();
  #present: ReadonlySet<string> = new Set();
  #trial: Trial | undefined;
  #isKept = false;
  /** Since when nothing is lacking. */
  #soundSince: MonotonicMs | undefined;
  #actions: GuardAction[] = [];

  handle(input: GuardInput, now: MonotonicMs): readonly GuardAction[] {
    this.#take(input);
    // What is being applied is judged by what comes of it.
    if (input.kind !== "changed") this.#review(now);
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  nextTimeout(): MonotonicMs | undefined {
    const soundAt = this.#soundSince === undefined ? undefined : after(this.#soundSince, STEADY);
    return earliest(soundAt, this.#trial?.endsAt);
  }

  view(): GuardView {
    const trial = this.#trial;
    if (!trial) return { isKept: this.#isKept };
    const { by, needsConfirm, endsAt } = trial;
    const lacking = trial.lacking(this.#branch).map(({ client }) => client);
    return {
      isKept: this.#isKept,
      trial: { by, lacking, needsConfirm, ...(endsAt === undefined ? {} : { endsAt }) },
    };
  }

  get #branch(): Branch {
    return { present: this.#present, clients: this.#clients, links: this.#links };
  }

  #take(input: GuardInput): void {
    switch (input.kind) {
      case "began":
        this.#inForce(input.clients);
        if (input.trial)
          this.#begin(
            new Trial(input.trial.expected, "an earlier start", input.trial.within, false),
          );
        return;
      case "changed":
        this.#changed(input);
        return;
      case "undone":
        this.#end();
        this.#inForce(input.clients);
        return;
      case "client-changed": {
        const { status, reason, link } = input;
        const facts = { status, reason, ...(link === undefined ? {} : { link }) };
        this.#clients.set(input.client, facts);
        if (status === "up") this.#failures.delete(input.client);
        else if (status === "backoff" || status === "failed")
          this.#failures.set(input.client, reason);
        return;
      }
      case "link-changed":
        this.#links.set(input.link, input.isUsable);
        return;
      case "released":
        this.#release(input.client);
        return;
      case "confirm":
        this.#tell(
          "FLEXSPOKE-5-CONFIGURATION_KEPT",
          `the configuration was confirmed by ${input.by}`,
        );
        this.#keep();
        return;
      case "timeout":
        return;
      default:
        assertNever(input);
    }
  }

  #inForce(clients: readonly string[]): void {
    this.#present = new Set(clients);
    this.#isKept = false;
    this.#soundSince = undefined;
    this.#failures.clear();
  }

  #changed({ clients, by, within, needsConfirm }: Extract<GuardInput, { kind: "changed" }>): void {
    // A change on top of one that is not proved yet has to bring back what was up before the first.
    const expected = this.#trial?.expected ?? this.#upNow();
    this.#inForce(clients);
    if (within === undefined) this.#end();
    else if (expected.length > 0 || needsConfirm)
      this.#begin(new Trial(expected, by, within, needsConfirm ?? false));
  }

  #begin(trial: Trial): void {
    this.#trial = trial;
    const { expected, within } = trial;
    this.#actions.push({ kind: "trial", trial: { expected, within } });
    if (trial.needsConfirm) this.#tellTrial(trial);
  }

  #release(client: string): void {
    const trial = this.#trial;
    trial?.release(client);
    if (trial?.expected.length === 0 && !trial.needsConfirm) this.#end();
  }

  #end(): void {
    if (!this.#trial) return;
    this.#trial = undefined;
    this.#actions.push({ kind: "trial" });
  }

  #keep(): void {
    this.#end();
    this.#isKept = true;
    this.#soundSince = undefined;
    this.#actions.push({ kind: "keep" });
  }

  #upNow(): readonly Expected[] {
    return [...this.#clients].flatMap(([client, { status, link }]) =>
      this.#present.has(client) && status === "up"
        ? [{ client, ...(link === undefined ? {} : { link }) }]
        : [],
    );
  }

  #review(now: MonotonicMs): void {
    if (this.#isKept) return;
    const trial = this.#trial;
    const lacking = trial?.lacking(this.#branch) ?? [];
    const isProof = trial ? trial.expected.length > 0 : this.#upNow().length > 0;
    if (!isProof || lacking.length > 0) this.#soundSince = undefined;
    else this.#soundSince ??= now;
    trial?.review(this.#branch, now);
    if (trial && lacking.length > 0) this.#tellTrial(trial);
    if (this.#soundSince !== undefined && now >= after(this.#soundSince, STEADY)) this.#prove();
    else if (trial?.endsAt !== undefined && now >= trial.endsAt) this.#undo(trial);
  }

  /** It connects the branch. */
  #prove(): void {
    if (this.#trial?.isTold) {
      const names = this.#trial.expected.map(({ client }) => client).join(", ");
      this.#tell(
        "FLEXSPOKE-5-CONFIGURATION_KEPT",
        `the configuration stays: ${names} came up again`,
      );
    }
    this.#keep();
  }

  #undo(trial: Trial): void {
    const within = formatDuration(trial.within);
    const lacking = trial.lacking(this.#branch);
    const stories = lacking.map(({ client }) => {
      const reason = this.#present.has(client)
        ? (this.#failures.get(client) ?? this.#clients.get(client)?.reason)
        : "it is not in the new configuration";
      return `${client} was up before and did not come up within ${within}${reason === undefined ? "" : ` (${reason})`}`;
    });
    const why = stories.length > 0 ? stories.join("; ") : `nobody confirmed it within ${within}`;
    this.#end();
    this.#actions.push({ kind: "undo", why });
  }

  #tellTrial(trial: Trial): void {
    if (trial.isTold) return;
    trial.isTold = true;
    const names = trial.expected.map(({ client }) => client);
    const within = formatDuration(trial.within);
    const condition =
      names.length > 0
        ? `${names.join(", ")} must be up again within ${within}`
        : `it must be confirmed within ${within}`;
    const choice = trial.needsConfirm && names.length > 0 ? ", or somebody confirms it" : "";
    this.#tell(
      "FLEXSPOKE-5-CONFIGURATION_ON_TRIAL",
      `the configuration of ${trial.by} is on trial: ${condition}${choice}, or it is undone (\`flexspoke confirm\` keeps it)`,
      names,
    );
  }

  #tell(mnemonic: MnemonicName, message: string, clients: readonly string[] = []): void {
    const [first] = clients;
    this.#actions.push({
      kind: "event",
      event: {
        severity: severityOf(mnemonic),
        mnemonic,
        message,
        data: clients.length > 0 ? { clients } : {},
        subjects: [daemonSubject],
        cause: first === undefined ? daemonSubject : clientSubject(first),
      },
    });
  }
}
