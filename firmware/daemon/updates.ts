/**
 * Updates of the appliance: a bundle into the idle slot, one start on trial, kept or rolled back. Whether a bundle may come
 * in and whether a system may stay is decided by `update/`; this does what it says, on disk and to the boot loader. On a
 * machine that is not the appliance it refuses everything.
 */
import type { UpdateBackend, UpdateOutcome, UpdateWish } from "#api/update-backend.ts";
import { assertNever } from "#lib/assert-never.ts";
import { minutes, seconds } from "#lib/duration.ts";
import type { Log } from "#lib/log.ts";
import type { BlockDevices } from "#linux/block/block-devices.ts";
import { daemonEvent } from "#state/daemon-event.ts";
import type { UpdateState } from "#state/document-update.ts";
import { daemonSubject } from "#state/event.ts";
import { type EventLog, formatTime } from "#state/event-log.ts";
import type { MnemonicName } from "#state/mnemonics.ts";
import { refusal } from "#update/acceptance.ts";
import { otherSlot, type Slot } from "#update/boot-facts.ts";
import type { UpdateKey } from "#update/bundle-header.ts";
import type { Manifest, PartName } from "#update/manifest.ts";
import { whatThisStartIs } from "#update/this-start.ts";
import { TrialEngine } from "#update/trial-engine.ts";
import type { TrialAction, TrialInput } from "#update/trial-inputs.ts";
import { type UpdateFault, updateFault } from "#update/update-fault.ts";
import type { Attempt, SlotContent } from "#update/update-record.ts";
import type { Appliance } from "./appliance.ts";
import type { Calendar, Clock } from "./clock.ts";
import { SlotStates } from "./slot-states.ts";
import { type WritingProgress, writeSlot } from "./slot-writing.ts";
import { UpdateRecordFile } from "./update-record-file.ts";

export interface UpdatesOptions {
  /** Undefined on a machine that has a system of its own. */
  readonly appliance: Appliance | undefined;
  readonly keys: () => readonly UpdateKey[];
  readonly devices: BlockDevices;
  readonly stateDir: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly calendar: Pick<Calendar, "at">;
  readonly record: EventLog["record"];
  readonly give: (input: TrialInput) => void;
  /** Soon: the answer to who asked gets out before. */
  readonly restart: () => void;
  /** This boot is a trial no more. */
  readonly noteKept: () => void;
}

const RETRY = seconds(30);
/** A modem may dial for minutes after a start. */
const WITHIN = minutes(10);

const notHere = updateFault(
  "update.not-here",
  "this machine has a system of its own: update FlexSpoke by its packages (apt, opkg)",
);

export class Updates implements UpdateBackend {
  readonly engine = new TrialEngine();
  readonly #options: UpdatesOptions;
  readonly #states: SlotStates | undefined;
  #file: UpdateRecordFile | undefined;
  #phase: UpdateState["phase"] = "idle";
  #incoming: UpdateState["incoming"];
  #refused: UpdateState["last"];
  /** What is being told to the boot loader. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: UpdatesOptions) {
    this.#options = options;
    const { appliance, devices } = options;
    if (appliance) this.#states = new SlotStates(devices, appliance.boot.disk);
  }

  /** Finds out whether this start is a trial, the end of one, or nothing of the kind. */
  async start(): Promise<void> {
    const { appliance, stateDir } = this.#options;
    const states = this.#states;
    if (!appliance || !states) return;
    try {
      const file = new UpdateRecordFile(stateDir);
      this.#file = file;
      const { slot } = appliance.boot;
      file.setContent(slot, contentOf(appliance));
      this.#follow(whatThisStartIs(slot, await states.read(), file.last));
    } catch (error) {
      this.#options.log.error(`updates are off: can't read the slots: ${String(error)}`);
    }
  }

  /** What the boot loader is being told is on the disk. */
  settled(): Promise<void> {
    return this.#work;
  }

  /** Undefined on a machine that is not the appliance. */
  state(): UpdateState | undefined {
    const { appliance } = this.#options;
    if (!appliance) return undefined;
    const { board, version, built } = appliance.system;
    const { slot } = appliance.boot;
    const other = this.#file?.content(otherSlot(slot));
    const last = this.#refused ?? this.#lastState();
    return {
      ...{ board, version, built, slot, phase: this.#phase },
      ...(other && { other }),
      ...(this.#incoming && { incoming: this.#incoming }),
      ...this.#trialState(),
      ...(last && { last }),
    };
  }

  /** Takes a bundle in; the running system is untouched by it. Reads no further than to a fault. */
  async install(bundle: AsyncIterable<Uint8Array>, wish: UpdateWish): Promise<UpdateOutcome> {
    const { appliance, devices, keys } = this.#options;
    if (!appliance || !this.#file) return this.#answer(notHere);
    const busy = this.#busy();
    if (busy) return this.#answer(busy);
    this.#refused = undefined;
    this.#phase = "writing";
    const idle = otherSlot(appliance.boot.slot);
    const { boot, root } = appliance.boot.partitions;
    try {
      const written = await writeSlot(
        {
          devices,
          keys: keys(),
          partitions: { boot: boot[idle], root: root[idle] },
          accept: (manifest, room) => this.#accept(manifest, room, appliance, wish),
          progress: (progress) => this.#progressed(progress),
        },
        bundle,
      );
      this.#phase = "idle";
      if (!written.ok) return this.#refuse(written.error, wish.by);
      const { version, built } = written.value;
      this.#file.setContent(idle, { version, built });
      await this.#arm({ version, built }, idle, wish);
    } catch (error) {
      this.#phase = "idle";
      return this.#refuse(updateFault("update.disk", String(error)), wish.by);
    } finally {
      this.#incoming = undefined;
    }
    return this.#answer();
  }

  /** Goes back to the system from before: in a trial, before one, or long after it. */
  async rollBack(by: string): Promise<UpdateOutcome> {
    const { appliance, give } = this.#options;
    const file = this.#file;
    if (!appliance || !file) return this.#answer(notHere);
    if (this.#phase === "trial") {
      give({ kind: "reject", by });
      return this.#answer();
    }
    if (this.#phase === "armed") {
      await this.#states?.write({ slot: appliance.boot.slot, tries: 0 });
      this.#ended(file.last, "rolled-back", `${by} called it off before it was tried`);
      this.#phase = "idle";
      return this.#answer();
    }
    const busy = this.#busy();
    if (busy) return this.#answer(busy);
    const idle = otherSlot(appliance.boot.slot);
    const content = file.content(idle);
    if (!content)
      return this.#answer(
        updateFault(
          "update.nothing-to-roll-back",
          `there is no other system in slot ${idle}: install one by \`flexspoke update FILE\``,
        ),
      );
    await this.#arm(content, idle, { by, restart: true });
    return this.#answer();
  }

  /** Keeps the system on trial without waiting for its proof. */
  keep(by: string): UpdateOutcome {
    if (!this.#options.appliance) return this.#answer(notHere);
    if (this.#phase !== "trial")
      return this.#answer(updateFault("update.not-on-trial", "no system is on trial"));
    this.#options.give({ kind: "accept", by });
    return this.#answer();
  }

  perform(action: TrialAction): void {
    switch (action.kind) {
      case "keep":
        this.#work = this.#keep(action.why);
        break;
      case "give-up":
        this.#giveUp(action.why);
        break;
      case "event":
        this.#options.record(action.event);
        break;
      default:
        assertNever(action);
    }
  }

  #follow(start: ReturnType<typeof whatThisStartIs>): void {
    const last = this.#file?.last;
    switch (start.kind) {
      case "usual":
        return;
      case "waiting":
        this.#phase = "armed";
        return;
      case "fallback":
        this.#tell("FLEXSPOKE-4-SLOT_FALLBACK", start.why, { slot: start.chosen });
        return;
      case "trial": {
        this.#phase = "trial";
        if (last) this.#note({ ...last, phase: "trying" });
        const { expected = [], within = WITHIN, from, to } = last ?? {};
        const versions = { from: from?.version ?? "the system from before" };
        const runs = to?.version ?? this.#options.appliance?.system.version ?? "";
        this.#options.give({ kind: "try", trial: { ...versions, to: runs, expected, within } });
        return;
      }
      case "kept":
        this.#ended(last, "kept", start.why);
        return;
      case "rolled-back":
        this.#work = this.#quietly(() => this.#states?.write({ slot: start.slot, tries: 0 }));
        this.#ended(last, "rolled-back", start.why);
        return;
      case "given-up":
        this.#restart();
        return;
      default:
        assertNever(start);
    }
  }

  /** Called with a genuine manifest, before anything is written. */
  async #accept(
    manifest: Manifest,
    room: Readonly<Record<PartName, number>>,
    { boot, system }: Appliance,
    { force = false, by }: UpdateWish,
  ): Promise<UpdateFault | undefined> {
    const fault = refusal(manifest, { system, room, force });
    if (fault) return fault;
    const { version, built } = manifest;
    this.#incoming = { version, by, step: "writing", done: 0, total: 0 };
    // From here on nothing may start the idle slot, whatever was chosen or armed before.
    await this.#states?.write({ slot: boot.slot, tries: 0 });
    this.#file?.setContent(otherSlot(boot.slot), undefined);
    const last = this.#file?.last;
    if (last?.phase === "armed")
      this.#note({ ...last, phase: "rolled-back", why: "another update took its place" });
    this.#tell("FLEXSPOKE-5-UPDATE_BEGUN", `version ${version} is being installed by ${by}`, {
      ...{ version, built, by, from: system.version },
    });
    return undefined;
  }

  /** The next start tries the slot. */
  async #arm(
    content: SlotContent,
    slot: Slot,
    { by, within = WITHIN, restart }: Pick<UpdateWish, "by" | "within" | "restart">,
  ): Promise<void> {
    const { appliance } = this.#options;
    if (!appliance) return;
    const expected = this.engine.upNow();
    const from = { slot: appliance.boot.slot, ...contentOf(appliance) };
    // The record first: a system on trial that knows of no trial would be kept for running alone.
    this.#file?.setLast({
      ...{ from, to: { slot, ...content }, by, expected, within },
      ...{ phase: "armed", at: this.#now() },
    });
    await this.#states?.write({ slot: from.slot, trial: slot, tries: 1 });
    this.#phase = restart ? "restarting" : "armed";
    const names = expected.map(({ client }) => client);
    this.#tell(
      "FLEXSPOKE-5-UPDATE_READY",
      `version ${content.version} is in slot ${slot}, whole: ${restart ? "the device restarts to try it" : "the next start tries it"} (${by})`,
      { from: from.version, to: content.version, slot, by, clients: names },
    );
    if (restart) this.#restart();
  }

  async #keep(why: string): Promise<void> {
    const { appliance, log } = this.#options;
    if (!appliance) return;
    try {
      await this.#states?.write({ slot: appliance.boot.slot, tries: 0 });
    } catch (error) {
      log.error(`can't keep the new system yet: ${String(error)}`);
      setTimeout(() => void this.#keep(why), RETRY).unref();
      return;
    }
    this.#phase = "idle";
    this.#options.noteKept();
    this.#ended(this.#file?.last, "kept", why);
  }

  #giveUp(why: string): void {
    const last = this.#file?.last;
    const from = last?.from.version ?? "the system from before";
    if (last) this.#note({ ...last, phase: "given-up", why });
    const { version = "" } = this.#options.appliance?.system ?? {};
    this.#tell(
      "FLEXSPOKE-3-UPDATE_GIVEN_UP",
      `version ${version} is given up, the device restarts into ${from}: ${why}`,
      { from: version, to: from, why },
    );
    this.#restart();
  }

  #ended(last: Attempt | undefined, phase: "kept" | "rolled-back", why: string): void {
    if (last) this.#note({ ...last, phase, why });
    const to = last?.to.version ?? this.#options.appliance?.system.version ?? "";
    const from = last?.from.version ?? "";
    const data = { from, to, why };
    if (phase === "kept")
      this.#tell("FLEXSPOKE-5-UPDATE_KEPT", `version ${to} stays: ${why}`, data);
    else
      this.#tell(
        "FLEXSPOKE-3-UPDATE_ROLLED_BACK",
        `version ${from} runs again instead of ${to}: ${why}`,
        data,
      );
  }

  #restart(): void {
    this.#phase = "restarting";
    this.#options.restart();
  }

  #busy(): UpdateFault | undefined {
    switch (this.#phase) {
      case "idle":
      case "armed":
        return undefined;
      case "writing":
        return updateFault("update.busy", "another update is being written: wait for its end");
      case "restarting":
        return updateFault("update.busy", "the device restarts: try again afterwards");
      case "trial":
        return updateFault(
          "update.on-trial",
          "this system is on trial: wait until it is kept, or end the trial by `flexspoke update keep` or `rollback`",
        );
    }
  }

  #progressed({ step, done, total }: WritingProgress): void {
    const before = this.#incoming;
    if (!before) return;
    this.#incoming = { ...before, step, done, total };
    const tenth = Math.floor((10 * done) / Math.max(1, total));
    const toldTenth =
      step === before.step ? Math.floor((10 * before.done) / Math.max(1, total)) : 0;
    // Those who follow events, such as a broker, look again when one comes.
    if (tenth % 2 !== 0 || tenth === toldTenth) return;
    const { version, by } = before;
    const what = step === "writing" ? "written" : "read back";
    this.#tell("FLEXSPOKE-6-UPDATE_PROGRESS", `${tenth * 10} % of version ${version} is ${what}`, {
      ...{ version, by, step, done, total },
    });
  }

  #trialState(): Pick<UpdateState, "trial"> {
    const view = this.engine.view();
    if (!view) return {};
    const { lacking, endsAt } = view;
    const from = this.#file?.last?.from.version ?? "";
    const end =
      endsAt === undefined ? {} : { "ends-at": formatTime(this.#options.calendar.at(endsAt)) };
    return { trial: { from, lacking, ...end } };
  }

  #lastState(): UpdateState["last"] {
    const last = this.#file?.last;
    if (!last || (last.phase !== "kept" && last.phase !== "rolled-back")) return undefined;
    const { phase: outcome, why: reason = "", at } = last;
    return { version: last.to.version, outcome, reason, at };
  }

  #refuse(fault: UpdateFault, by: string): UpdateOutcome {
    const { code, message } = fault;
    const version = this.#incoming?.version ?? "";
    this.#refused = { version, outcome: "refused", reason: message, at: this.#now() };
    this.#tell("FLEXSPOKE-3-UPDATE_REFUSED", message, { code, by });
    return { kind: "refused", ...fault };
  }

  #answer(fault?: UpdateFault): UpdateOutcome {
    if (fault) return { kind: "refused", code: fault.code, message: fault.message };
    const state = this.state();
    return state ? { kind: "accepted", state } : { kind: "refused", ...notHere };
  }

  #note(last: Attempt): void {
    try {
      this.#file?.setLast({ ...last, at: this.#now() });
    } catch (error) {
      this.#options.log.error(`can't note how the update goes: ${String(error)}`);
    }
  }

  async #quietly(write: () => Promise<void> | undefined): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#options.log.error(`can't write the slot state: ${String(error)}`);
    }
  }

  #now(): string {
    return formatTime(this.#options.clock.wall());
  }

  #tell(mnemonic: MnemonicName, message: string, data: Readonly<Record<string, unknown>>): void {
    this.#options.record(daemonEvent(mnemonic, message, data, daemonSubject));
  }
}

const contentOf = ({ system: { version, built } }: Appliance): SlotContent => ({ version, built });
