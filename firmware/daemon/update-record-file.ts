/** The update record on flash, with what is written there in mind. */
import path from "node:path";
import type { Slot } from "#update/boot-facts.ts";
import { type Attempt, parseRecord, type UpdateRecord } from "#update/update-record.ts";
import { readDurable, writeDurably } from "./durable-file.ts";

export class UpdateRecordFile {
  readonly #file: string;
  #record: UpdateRecord;

  constructor(stateDir: string) {
    this.#file = path.join(stateDir, "update.json");
    this.#record = parseRecord(readDurable(this.#file));
  }

  get last(): Attempt | undefined {
    return this.#record.last;
  }

  /** What stands whole in a slot. */
  content(slot: Slot): UpdateRecord["slots"][Slot] {
    return this.#record.slots[slot];
  }

  /** A slot has this content now, or nothing whole. @throws {NodeJS.ErrnoException} */
  setContent(slot: Slot, content: UpdateRecord["slots"][Slot]): void {
    const { [slot]: before, ...others } = this.#record.slots;
    if (JSON.stringify(before) === JSON.stringify(content)) return;
    this.#write({ ...this.#record, slots: content ? { ...others, [slot]: content } : others });
  }

  /** @throws {NodeJS.ErrnoException} */
  setLast(last: Attempt | undefined): void {
    const { slots } = this.#record;
    this.#write(last ? { slots, last } : { slots });
  }

  #write(record: UpdateRecord): void {
    writeDurably(this.#file, JSON.stringify(record));
    this.#record = record;
  }
}
