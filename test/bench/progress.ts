/** One line on standard error that says what is being measured, so that nobody takes a long run for a hung one. */

const started = performance.now();

export function progress(text: string): void {
  const seconds = ((performance.now() - started) / 1_000).toFixed(0).padStart(4);
  const isTerminal = process.stderr.isTTY === true;
  process.stderr.write(isTerminal ? `\r${seconds} s  ${text}\u001b[K` : `${seconds} s  ${text}\n`);
}

/** Leaves the line, for output that stays. */
export function endProgress(): void {
  if (process.stderr.isTTY === true) process.stderr.write("\r\u001b[K");
}
