/** One line that is drawn over and over on a terminal, and is gone at the end. Where nobody looks, nothing is drawn. */
import type { Output } from "./surroundings.ts";
import { shortSize } from "./table.ts";

export class ProgressBar {
  readonly #output: Output;
  #drawn = "";

  constructor(output: Output) {
    this.#output = output;
  }

  /** @param what is being done. @param done of `total` bytes. */
  draw(what: string, done: number, total: number): void {
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const filled = Math.round(share * CELLS);
    const bar = "#".repeat(filled).padEnd(CELLS, ".");
    const size = total > 0 ? ` ${shortSize(done)} of ${shortSize(total)}` : "";
    this.#put(`${what} [${bar}] ${String(Math.floor(share * 100)).padStart(3)} %${size}`);
  }

  /** Nothing of it stays. */
  clear(): void {
    if (this.#drawn !== "") this.#put("");
  }

  #put(line: string): void {
    if (!this.#output.isTTY || line === this.#drawn) return;
    const fitting = line.slice(0, Math.max(20, (this.#output.columns ?? 80) - 1));
    this.#output.write(`\r${fitting.padEnd(this.#drawn.length)}${line === "" ? "\r" : ""}`);
    this.#drawn = fitting;
  }
}

const CELLS = 30;
