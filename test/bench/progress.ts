/** One line on standard error that says what is being measured, so that nobody takes a long run for a hung one. */

const started = performance.now();

export function progress(text: string): void {
  const seconds = ((performance.now() - started) / 1_000).toFixed(0).padStart(4);
  const isTerminal = process.stderr.isTTY === true;
  process.stderr.write(isTerminal ? `\r${seconds} s  ${text}\u001b[K` : `${seconds} s  ${text}\n`);
}

let lastBar = 0;

/** The same with a bar for how much of it is done; shown once a second on a terminal, seldom elsewhere. */
export function progressBar(text: string, done: number, all: number): void {
  if (performance.now() - lastBar < (process.stderr.isTTY === true ? 1_000 : 15_000)) return;
  lastBar = performance.now();
  const length = Math.round((20 * Math.max(0, done)) / Math.max(1, all));
  progress(`[${"#".repeat(length).padEnd(20, ".")}] ${done} of ${all}, ${text}`);
}

/** Leaves the line, for output that stays. */
export function endProgress(): void {
  if (process.stderr.isTTY === true) process.stderr.write("\r\u001b[K");
}
