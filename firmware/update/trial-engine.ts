/**
 * The judge of a new system: it stays when what was up before the update is up again, over the same links where they work.
 * It hears how the branch fares from the first start on, so that it knows what an update has to bring back. It knows neither
 * slots nor disks. The rule is the change guard's, but that a link which never comes is not forgiven for ever: the new
 * system may be the one that lacks its driver.
 */
import { BranchWatch } from "#guard/branch-watch.ts";
import type { Expected } from "#guard/inputs.ts";
import { Trial } from "#guard/trial.ts";
import { assertNever } from "#lib/assert-never.ts";
import { earliest } from "#lib/deadlines.ts";
import { after, formatDuration, hours, type MonotonicMs, seconds } from "#lib/duration.ts";
import type { Engine } from "#lib/engine.ts";
import { daemonEvent } from "#state/daemon-event.ts";
import { daemonSubject, type EventDraft } from "#state/event.ts";
import type { MnemonicName } from "#state/mnemonics.ts";
import type { SystemTrial, TrialAction, TrialInput } from "./trial-inputs.ts";

interface Running {
  readonly about: SystemTrial;
  readonly trial: Trial;
  readonly since: MonotonicMs;
}

/** Up for this long counts as up. */
const STEADY = seconds(10);
/** A system that had nothing to bring back has to run this long: what crashes at once does not. */
const PROOF_BY_RUNNING = seconds(60);
/** With every link down the time of a trial stands still, but no longer than this. */
const LONGEST = hours(1);

/** What can be seen of a trial. */
export interface TrialView {
  /** Clients that are still waited for. */
  readonly lacking: readonly string[];
  /** When it is given up, or kept where nothing has to come back; absent while no link works. */
  readonly endsAt?: MonotonicMs;
}

export class TrialEngine implements Engine<TrialInput, TrialAction> {
  readonly #branch = new BranchWatch();
  #running: Running | undefined;
  #soundSince: MonotonicMs | undefined;
  #actions: TrialAction[] = [];

  handle(input: TrialInput, now: MonotonicMs): readonly TrialAction[] {
    this.#take(input, now);
    this.#review(now);
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  nextTimeout(): MonotonicMs | undefined {
    const running = this.#running;
    if (!running) return undefined;
    // What is well is not given up in the last moment.
    return this.#soundSince === undefined ? this.#endOf(running) : after(this.#soundSince, STEADY);
  }

  /** Clients that are up now and the links that they use: what an update has to bring back. */
  upNow(): readonly Expected[] {
    return this.#branch.upNow();
  }

  /** Undefined when no system is on trial. */
  view(): TrialView | undefined {
    const running = this.#running;
    if (!running) return undefined;
    const lacking = running.trial.lacking(this.#branch).map(({ client }) => client);
    const isStill = running.trial.expected.length > 0 && running.trial.endsAt === undefined;
    return { lacking, ...(isStill ? {} : { endsAt: this.#endOf(running) }) };
  }

  #endOf({ trial, since }: Running): MonotonicMs {
    if (trial.expected.length === 0) return after(since, PROOF_BY_RUNNING);
    return earliest(trial.endsAt, after(since, LONGEST)) ?? after(since, LONGEST);
  }

  #take(input: TrialInput, now: MonotonicMs): void {
    switch (input.kind) {
      case "try":
        this.#begin(input.trial, now);
        return;
      case "began":
      case "changed":
      case "undone":
        this.#branch.present = new Set(input.clients);
        return;
      case "client-changed":
        this.#branch.clientChanged(input);
        return;
      case "link-changed":
        this.#branch.linkChanged(input);
        return;
      case "released":
        this.#running?.trial.release(input.client);
        return;
      case "accept":
        this.#keep(`${input.by} accepted it`);
        return;
      case "reject":
        this.#giveUp(`${input.by} asked for the system from before`);
        return;
      case "timeout":
        return;
      default:
        assertNever(input);
    }
  }

  #begin(about: SystemTrial, now: MonotonicMs): void {
    const { from, to, expected, within } = about;
    this.#running = { about, trial: new Trial(expected, "an update", within, false), since: now };
    const names = expected.map(({ client }) => client);
    const condition =
      names.length > 0
        ? `it stays when ${names.join(", ")} ${names.length > 1 ? "are" : "is"} up again within ${formatDuration(within)}`
        : `it stays when it has run for ${formatDuration(PROOF_BY_RUNNING)}`;
    this.#tell(
      "FLEXSPOKE-5-UPDATE_ON_TRIAL",
      `version ${to} is on trial: ${condition}, else ${from} comes back`,
      { from, to, clients: names },
    );
  }

  #review(now: MonotonicMs): void {
    const running = this.#running;
    if (!running) return;
    const { trial } = running;
    if (trial.expected.length === 0) {
      if (now >= this.#endOf(running))
        this.#keep(
          `it has run for ${formatDuration(PROOF_BY_RUNNING)}, and nothing had to come back`,
        );
      return;
    }
    trial.review(this.#branch, now);
    if (trial.lacking(this.#branch).length > 0) this.#soundSince = undefined;
    else this.#soundSince ??= now;
    const names = trial.expected.map(({ client }) => client).join(", ");
    if (this.#soundSince !== undefined && now >= after(this.#soundSince, STEADY))
      this.#keep(`${names} came up again`);
    else if (this.#soundSince === undefined && now >= this.#endOf(running))
      this.#giveUp(this.#failureOf(running, now));
  }

  #failureOf({ trial, since }: Running, now: MonotonicMs): string {
    const isLongest = now >= after(since, LONGEST) && trial.endsAt === undefined;
    return trial
      .lacking(this.#branch)
      .map(({ client, link }) =>
        isLongest
          ? `${client} was up before, and ${link ?? "its link"} carried nothing for ${formatDuration(LONGEST)}`
          : this.#branch.notBack(client, trial.within, "it is not in the configuration"),
      )
      .join("; ");
  }

  #keep(why: string): void {
    if (!this.#running) return;
    this.#end();
    this.#actions.push({ kind: "keep", why });
  }

  #giveUp(why: string): void {
    if (!this.#running) return;
    this.#end();
    this.#actions.push({ kind: "give-up", why });
  }

  #end(): void {
    this.#running = undefined;
    this.#soundSince = undefined;
  }

  #tell(mnemonic: MnemonicName, message: string, data: EventDraft["data"]): void {
    const event = daemonEvent(mnemonic, message, data, daemonSubject);
    this.#actions.push({ kind: "event", event });
  }
}
