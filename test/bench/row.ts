/** One line of the table, and how it is made from what was measured. */

export interface Row {
  readonly what: string;
  readonly ours: string;
  /** charon's in the same run; empty where the goal is absolute. */
  readonly charon: string;
  /** Ours divided by charon's. */
  readonly ratio?: number;
  readonly goal: string;
  /** Undefined when the measurement does not decide it. */
  readonly isMet: boolean | undefined;
  /** What a reader must know to judge the figure. */
  readonly note?: string;
}

/** @returns the middle value, or the mean of both middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** A row that compares medians. */
export function ratioRow(measured: {
  readonly what: string;
  readonly ours: readonly number[];
  readonly charon: readonly number[];
  readonly unit: string;
  readonly digits?: number;
  readonly goal: { readonly atMost: number } | { readonly atLeast: number };
  readonly note?: string;
}): Row {
  const { what, unit, goal, note, digits = 1 } = measured;
  const [ours, charon] = [median(measured.ours), median(measured.charon)];
  const ratio = ours / charon;
  const isMet = "atMost" in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
  return {
    what,
    ours: `${ours.toFixed(digits)} ${unit}`,
    charon: `${charon.toFixed(digits)} ${unit}`,
    ratio,
    goal:
      "atMost" in goal
        ? `ratio <= ${goal.atMost.toFixed(2)}`
        : `ratio >= ${goal.atLeast.toFixed(2)}`,
    isMet: Number.isNaN(ratio) ? undefined : isMet,
    note: [`n = ${measured.ours.length}/${measured.charon.length}`, note]
      .filter(Boolean)
      .join("; "),
  };
}

/** A row with a goal of its own; charon has no part in it. */
export function absoluteRow(measured: {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly digits?: number;
  readonly goal: { readonly atMost: number } | { readonly atLeast: number };
  readonly note?: string;
}): Row {
  const { what, value, unit, goal, note, digits = 1 } = measured;
  const words = "atMost" in goal ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`;
  const isMet = "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
  return {
    what,
    ours: `${value.toFixed(digits)} ${unit}`,
    charon: "",
    goal: `${words} ${unit}`,
    isMet: Number.isNaN(value) ? undefined : isMet,
    ...(note === undefined ? {} : { note }),
  };
}

/** A row whose measurement failed. */
export function failedRow(what: string, goal: string, error: unknown): Row {
  const note = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
  return { what, ours: "", charon: "", goal, isMet: undefined, note };
}

/** Lines in columns, then the notes. */
export function tableText(rows: readonly Row[]): string {
  const head = ["", "ours", "charon", "ratio", "goal", "met"];
  const cells = rows.map(({ what, ours, charon, ratio, goal, isMet }) => [
    what,
    ours,
    charon,
    ratio === undefined ? "" : ratio.toFixed(2),
    goal,
    isMet === undefined ? "open" : isMet ? "yes" : "no",
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...cells].map((line) => (line[column] ?? "").length)),
  );
  const line = (words: readonly string[]) =>
    words
      .map((word, column) => word.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const notes = rows.flatMap(({ what, note }) => (note ? [`  ${what}: ${note}`] : []));
  return [
    line(head),
    line(widths.map((width) => "-".repeat(width))),
    ...cells.map(line),
    "",
    ...notes,
  ].join("\n");
}
