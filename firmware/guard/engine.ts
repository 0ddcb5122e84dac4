/**
 * The change guard: whether a new configuration may stay. It stays when what was up before is up again and has been for a
 * moment, or when an operator confirms it; else it is undone when its time is over. It knows clients by name and interfaces
 * by whether they work; it never sees the configuration itself.
 */

import { assertNever } from "#lib/assert-never.ts";
import { earliest } from "#lib/deadlines.ts";
import { after, formatDuration, type MonotonicMs, seconds } from "#lib/duration.ts";
import type { Engine } from "#lib/engine.ts";
import { daemonEvent } from "#state/daemon-event.ts";
import { clientSubject, daemonSubject } from "#state/event.ts";
import type { MnemonicName } from "#state/mnemonics.ts";
import type { GuardAction } from "./actions.ts";
import { BranchWatch } from "./branch-watch.ts";
import type { GuardInput } from "./inputs.ts";
import { Trial } from "./trial.ts";

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
  readonly #branch = new BranchWatch();
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
      case "client-changed":
        this.#branch.clientChanged(input);
        return;
      case "link-changed":
        this.#branch.linkChanged(input);
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
    this.#branch.present = new Set(clients);
    this.#isKept = false;
    this.#soundSince = undefined;
    this.#branch.forgetFailures();
  }

  #changed({ clients, by, within, needsConfirm }: Extract<GuardInput, { kind: "changed" }>): void {
    // A change on top of one that is not proved yet has to bring back what was up before the first.
    const expected = this.#trial?.expected ?? this.#branch.upNow();
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

  #review(now: MonotonicMs): void {
    if (this.#isKept) return;
    const trial = this.#trial;
    const lacking = trial?.lacking(this.#branch) ?? [];
    const isProof = trial ? trial.expected.length > 0 : this.#branch.upNow().length > 0;
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
    const stories = trial
      .lacking(this.#branch)
      .map(({ client }) =>
        this.#branch.notBack(client, trial.within, "it is not in the new configuration"),
      );
    const why =
      stories.length > 0
        ? stories.join("; ")
        : `nobody confirmed it within ${formatDuration(trial.within)}`;
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
    const data = clients.length > 0 ? { clients } : {};
    const cause = first === undefined ? daemonSubject : clientSubject(first);
    this.#actions.push({ kind: "event", event: daemonEvent(mnemonic, message, data, cause) });
  }
}
