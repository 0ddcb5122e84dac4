import type { ConfigError, ConfigPath } from "./config-error.ts";
import type { FaultPlace, YamlSource } from "./yaml-source.ts";

/** Collects what is wrong with the meaning of a file, each at its place. */
export class Problems {
  readonly #source: YamlSource;
  readonly #faults: ConfigError[] = [];

  constructor(source: YamlSource) {
    this.#source = source;
  }

  get errors(): readonly ConfigError[] {
    return this.#faults.filter(({ severity }) => severity === "error");
  }

  get warnings(): readonly ConfigError[] {
    return this.#faults.filter(({ severity }) => severity === "warning");
  }

  /** What must be put right before the file can be used. */
  error(path: ConfigPath, message: string, at: FaultPlace = "value"): void {
    this.#faults.push(this.#source.fault("error", path, message, at));
  }

  /** What works but is probably not meant. */
  warning(path: ConfigPath, message: string, at: FaultPlace = "value"): void {
    this.#faults.push(this.#source.fault("warning", path, message, at));
  }
}
