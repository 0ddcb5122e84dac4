/** How the demo speaks: one line a step, ticked when it was measured to be true, and a summary at the end. */

interface Line {
  readonly text: string;
  readonly isTrue: boolean;
}

const isTerminal = process.stdout.isTTY === true;
const [green, red, dim, bold, plain] = isTerminal
  ? ["\u001b[32m", "\u001b[31m", "\u001b[2m", "\u001b[1m", "\u001b[0m"]
  : ["", "", "", "", ""];
const spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

export class Report {
  readonly #lines: Line[] = [];

  heading(text: string): void {
    console.log(`\n${bold}${text}${plain}`);
  }

  /**
   * Runs a step, with a spinner and the seconds it has taken so far on a terminal.
   * @returns what the step returns, after printing what it found.
   */
  async step<Value>(
    doing: string,
    act: () => Promise<{ readonly found: string; readonly isTrue: boolean; readonly value: Value }>,
  ): Promise<Value> {
    const started = performance.now();
    const seconds = () => ((performance.now() - started) / 1_000).toFixed(1);
    let frame = 0;
    const timer = setInterval(() => {
      const symbol = spinner[frame++ % spinner.length];
      process.stdout.write(`\r  ${symbol} ${doing} ${dim}${seconds()} s${plain}\u001b[K`);
    }, 100);
    if (!isTerminal) clearInterval(timer);
    try {
      const { found, isTrue, value } = await act();
      clearInterval(timer);
      this.#print(found, isTrue, seconds());
      return value;
    } catch (error) {
      clearInterval(timer);
      this.#print(
        `${doing}: ${error instanceof Error ? error.message : String(error)}`,
        false,
        seconds(),
      );
      throw error;
    }
  }

  /** True when every step so far was. */
  get isGood(): boolean {
    return this.#lines.length > 0 && this.#lines.every(({ isTrue }) => isTrue);
  }

  summary(): void {
    const good = this.#lines.filter(({ isTrue }) => isTrue).length;
    const colour = this.isGood ? green : red;
    console.log(`\n${colour}${bold}${good} of ${this.#lines.length} shown${plain}`);
    for (const { text, isTrue } of this.#lines)
      if (!isTrue) console.log(`  ${red}✘ ${text}${plain}`);
  }

  #print(text: string, isTrue: boolean, seconds: string): void {
    this.#lines.push({ text, isTrue });
    const mark = isTrue ? `${green}✔${plain}` : `${red}✘${plain}`;
    const start = isTerminal ? "\r" : "";
    const end = isTerminal ? "\u001b[K" : "";
    console.log(`${start}  ${mark} ${text} ${dim}(${seconds} s)${plain}${end}`);
  }
}
