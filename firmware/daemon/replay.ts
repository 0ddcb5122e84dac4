/** Runs a recording through the same engines and says what they decide. */
import { DialEngine } from "#dial/engine.ts";
import { FlexvpnEngine } from "#flexvpn/engine.ts";
import { GuardEngine } from "#guard/engine.ts";
import type { WallClock } from "#lib/duration.ts";
import type { Engine, RandomSource } from "#lib/engine.ts";
import { SlaEngine } from "#sla/engine.ts";
import { formatTime } from "#state/event-log.ts";
import { TrackEngine } from "#track/engine.ts";
import { describeEngine } from "./debug-engines.ts";
import {
  digestOf,
  isRecorded,
  parseLine,
  type RecordedInput,
  type RecordedPart,
  type RecordingHeader,
  recordedParts,
  Writer,
} from "./recording.ts";

/** What an engine was told and decided, at one moment of the recording. */
export interface ReplayedStep {
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly part: RecordedPart;
  /** One for the input, one for each decision. */
  readonly lines: readonly string[];
  /** It decided as it did then. */
  readonly isSame: boolean;
}

export interface Replay {
  readonly header: RecordingHeader;
  /** In the order of time; inputs that changed nothing are left out. */
  readonly steps: readonly ReplayedStep[];
  /** Inputs that were run. */
  readonly inputs: number;
}

/** Not a recording, or not one of this version's format. */
export class NoRecording extends Error {
  override readonly name = "NoRecording";
}

/** @throws {NoRecording} with the line that can't be read. */
export function replay(text: string): Replay {
  const [first = "", ...rest] = text.split("\n");
  const header = readHeader(first);
  const recorded = rest.flatMap((line, index) => (line === "" ? [] : [readInput(line, index + 2)]));
  // A stable sort: what one engine was told stays in its order.
  recorded.sort((a, b) => a.now - b.now);
  const started = Date.parse(header.started);
  const engines = new Map(recordedParts.map((part) => [part, new ReplayedEngine(part)]));
  const steps = recorded.flatMap((each): readonly ReplayedStep[] => {
    const { lines, isSame } = engines.get(each.part)?.run(each) ?? { lines: [], isSame: false };
    const time = formatTime((started + each.now) as WallClock);
    return lines.length > 0 || !isSame ? [{ time, part: each.part, lines, isSame }] : [];
  });
  return { header, steps, inputs: recorded.length };
}

class ReplayedEngine {
  readonly #part: RecordedPart;
  readonly #engine: Engine<unknown, unknown>;
  readonly #writer = new Writer();
  #drawn = Buffer.alloc(0);

  constructor(part: RecordedPart) {
    this.#part = part;
    this.#engine = engineOf(part, (length) => this.#draw(length));
  }

  run({ input, now, random = "", decided }: RecordedInput) {
    this.#drawn = Buffer.from(random, "hex");
    const actions = this.#engine.handle(input, now);
    const digest = actions.length === 0 ? undefined : digestOf(this.#writer.text(actions));
    const said = describeEngine(this.#part, input, actions);
    return { lines: said.map(({ text }) => text), isSame: digest === decided };
  }

  /** An engine that decides otherwise than it did may draw more than there is. */
  #draw(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    bytes.set(this.#drawn.subarray(0, length));
    this.#drawn = this.#drawn.subarray(length);
    return bytes;
  }
}

function engineOf(part: RecordedPart, random: RandomSource): Engine<unknown, unknown> {
  switch (part) {
    case "flexvpn":
      return new FlexvpnEngine(random) as Engine<unknown, unknown>;
    case "track":
      return new TrackEngine() as Engine<unknown, unknown>;
    case "sla":
      return new SlaEngine(random) as Engine<unknown, unknown>;
    case "dial":
      return new DialEngine(random) as Engine<unknown, unknown>;
    case "guard":
      return new GuardEngine() as Engine<unknown, unknown>;
  }
}

function readHeader(line: string): RecordingHeader {
  const header = attempt(line, 1) as Partial<RecordingHeader> | null;
  if (header?.recording !== 1 || typeof header.started !== "string")
    throw new NoRecording("it does not begin as a recording of flexspoke does");
  return header as RecordingHeader;
}

function readInput(line: string, number: number): RecordedInput {
  const input = attempt(line, number) as Partial<RecordedInput> | null;
  if (typeof input?.part !== "string" || !isRecorded(input.part) || typeof input.now !== "number")
    throw new NoRecording(`line ${number} is no input of an engine that this version knows`);
  return input as RecordedInput;
}

function attempt(line: string, number: number): unknown {
  try {
    return parseLine(line);
  } catch {
    throw new NoRecording(`line ${number} is cut off or damaged`);
  }
}
