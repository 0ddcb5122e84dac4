/** Runs those who tell the outside world: begins, begins anew and ends each by its part of the configuration. */
import { sameValue } from "#config/diff.ts";
import type { ResolvedConfig } from "#config/resolved.ts";
import type { Reporter, ReporterContext, ReporterKind } from "#telemetry/reporter.ts";

interface Running {
  readonly section: unknown;
  readonly reporter: Reporter | undefined;
}

export class Reporters {
  readonly #kinds: readonly ReporterKind[];
  readonly #context: ReporterContext;
  readonly #running = new Map<string, Running>();
  /** One change after the other: a port must be free before it is taken again. */
  #last: Promise<void> = Promise.resolve();

  constructor(kinds: readonly ReporterKind[], context: ReporterContext) {
    this.#kinds = kinds;
    this.#context = context;
  }

  /** Resolves when everybody reports by `config`; one that can't start is an error in the log and no more. */
  configure(config: ResolvedConfig): Promise<void> {
    return this.#next(async () => {
      for (const kind of this.#kinds) await this.#adjust(kind, kind.section(config));
    });
  }

  /** Resolves when nobody reports any more. */
  close(): Promise<void> {
    return this.#next(async () => {
      for (const kind of this.#kinds) await this.#adjust(kind, undefined);
    });
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(step);
    return this.#last;
  }

  async #adjust(kind: ReporterKind, section: unknown): Promise<void> {
    const before = this.#running.get(kind.name);
    if (sameValue(before?.section, section)) return;
    this.#running.delete(kind.name);
    await this.#attempt(kind, async () => await before?.reporter?.close());
    if (section === undefined) return;
    const reporter = await this.#attempt(kind, () => kind.start(section, this.#context));
    this.#running.set(kind.name, { section, reporter });
  }

  async #attempt<Result>(
    kind: ReporterKind,
    step: () => Promise<Result>,
  ): Promise<Result | undefined> {
    try {
      return await step();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#context.log.error(`${kind.name}: ${text}`);
      return undefined;
    }
  }
}
