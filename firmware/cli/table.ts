/** Tables and lists for a person at a terminal. Everything that came from outside is made harmless to the terminal here. */

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string | number | undefined;
  readonly align?: "right";
}

/** Columns as wide as their widest cell, two blanks apart; what is undefined or empty shows as `-`. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map((column) => shown(column.cell(row))));
  const lines = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, index) => {
          const width = widths[index] ?? 0;
          return columns[index]?.align === "right" ? cell.padStart(width) : cell.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** `Name : value` lines with the colons in one column; pairs with an undefined value are left out. */
export function list(
  pairs: readonly (readonly [string, string | number | undefined])[],
  indent = "",
): string {
  const present = pairs.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...present.map(([name]) => name.length));
  return present
    .map(([name, value]) => `${indent}${name.padEnd(width)} : ${shown(value)}`.trimEnd())
    .map((line) => `${line}\n`)
    .join("");
}

/** Text without what could drive the terminal or hide: control and format characters as `\xNN` or `\uNNNN`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`;
  });
}

/** `2026-11-24 08:15:30Z` of an RFC 3339 time. */
export function shortTime(time: string | undefined): string | undefined {
  return time?.replace("T", " ").replace(/\.\d+Z$/, "Z");
}

/** `01:23:45`, or `2d03h` from a day up, as IOS writes it. */
export function shortDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86_400);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  if (days > 0) return `${days}d${two((whole % 86_400) / 3600)}h`;
  return `${two(whole / 3600)}:${two((whole % 3600) / 60)}:${two(whole % 60)}`;
}

/** Bytes with the largest binary unit that leaves at least 1, one decimal. */
export function shortSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}

function shown(value: string | number | undefined): string {
  const text = printable(String(value ?? ""));
  return text === "" ? "-" : text;
}
