/**
 * Takes commands from the broker: only those that are allowed, each once, none that was left lying there, and no more than
 * a person could mean. Every command that is done is an event that says so.
 */
import type { ActionOutcome, Backend } from "#api/backend.ts";
import type { MqttAction } from "#config/resolved-mqtt.ts";
import { type Command, type CommandId, readCommand } from "./command-schema.ts";

export interface DeskOptions {
  readonly backend: Backend;
  readonly allowed: readonly MqttAction[];
  /** Sends an answer; JSON. */
  readonly reply: (body: string) => void;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  /** Names that would have been right. */
  readonly known?: readonly string[];
}

type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: Refusal };

/** Commands whose ids are remembered. */
const REMEMBERED = 256;
/** So many at once, then one a second. */
const BURST = 10;
const REFILL_MS = 1_000;
/** Looking around takes a moment; so many may do so at a time. */
const MOST_OPEN = 4;
/** Who asks, in the event. */
const BY = "MQTT";

export class CommandDesk {
  readonly #options: DeskOptions;
  readonly #seen = new Set<CommandId>();
  #tokens = BURST;
  #filledAt = 0;
  #open = 0;
  #ignored = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Messages that were more than a person could mean, and were not looked at. */
  get ignored(): number {
    return this.#ignored;
  }

  /** @param now `performance.now` milliseconds. */
  take(payload: Uint8Array, isRetained: boolean, now: number): void {
    if (!this.#mayTake(now)) {
      this.#ignored++;
      return;
    }
    const read = readCommand(payload);
    if (!read.ok) {
      this.#answer(read.error.id, refuse("command.malformed", read.error.message));
      return;
    }
    const { id } = read.value;
    if (isRetained) {
      const why = "a retained command is old: send it without retain, and delete it at the broker";
      this.#answer(id, refuse("command.retained", why));
      return;
    }
    if (this.#seen.has(id)) return;
    this.#remember(id);
    void this.#do(read.value).then((answer) => this.#answer(id, answer));
  }

  #mayTake(now: number): boolean {
    this.#tokens = Math.min(BURST, this.#tokens + (now - this.#filledAt) / REFILL_MS);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  #remember(id: CommandId): void {
    this.#seen.add(id);
    if (this.#seen.size <= REMEMBERED) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
  }

  async #do(command: Command): Promise<Answer> {
    const { allowed, backend } = this.#options;
    if (!allowed.includes(command.action))
      return refuse(
        "command.not-allowed",
        `${command.action} is not allowed here (mqtt.commands)`,
        allowed,
      );
    if (command.action === "track") return this.#setTrack(command);
    if (command.action === "reload") return this.#reload();
    const clients = Object.keys(backend.document().clients);
    const client = command.client ?? (clients.length === 1 ? clients[0] : undefined);
    if (client === undefined || !clients.includes(client))
      return refuse(
        "command.unknown-client",
        client === undefined ? "say which client" : "there is no client of this name",
        clients,
      );
    if (command.action === "diagnose") return await this.#diagnose(client);
    const action =
      command.action === "rekey"
        ? ({ kind: "rekey", what: command.what } as const)
        : ({ kind: command.action } as const);
    return outcome(backend.act(client, action, BY));
  }

  #setTrack({ object, state }: Extract<Command, { action: "track" }>): Answer {
    const { backend } = this.#options;
    const objects = Object.keys(backend.document().track);
    if (!objects.includes(object))
      return refuse("command.unknown-track", "there is no track object of this name", objects);
    return outcome(backend.setTrack(object, state, BY));
  }

  /** What does not bring the branch back is undone, so that the broker can be asked again. */
  #reload(): Answer {
    const { backend } = this.#options;
    const done = backend.configure({ kind: "reload" }, BY);
    if (done.kind === "accepted")
      return { ok: true, result: backend.document().configuration ?? {} };
    const { code, reason, errors = [] } = done;
    return refuse(code, [reason, ...errors].join("\n"));
  }

  async #diagnose(client: string): Promise<Answer> {
    if (this.#open >= MOST_OPEN) return refuse("command.busy", "too many diagnoses at a time");
    this.#open++;
    try {
      return { ok: true, result: await this.#options.backend.diagnose(client) };
    } catch {
      return refuse("command.failed", "the diagnosis did not come to an end");
    } finally {
      this.#open--;
    }
  }

  #answer(id: CommandId | null, answer: Answer): void {
    this.#options.reply(JSON.stringify({ id, ...answer }));
  }
}

function outcome(done: ActionOutcome): Answer {
  return done.kind === "accepted"
    ? { ok: true, result: { event: done.event } }
    : refuse(done.code, done.reason);
}

function refuse(code: string, message: string, known?: readonly string[]): Answer {
  return { ok: false, error: { code, message, ...(known && { known }) } };
}
