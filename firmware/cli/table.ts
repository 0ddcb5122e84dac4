/** Tables and lists for a person at a terminal. Everything that came from outside is made harmless to the terminal here. */

import { coloured, type Page, plainPage, type Tone } from "./terminal.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string | number | undefined;
  readonly align?: "right";
  /** How the cell is meant, where it has a colour. */
  readonly tone?: (row: Row) => Tone | undefined;
}

/**
 * Columns as wide as their widest cell, two blanks apart; what is undefined or empty shows as `-`. On a page that is too
 * narrow the widest columns are cut, with `…` where something is missing.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  page: Page = plainPage,
): string {
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => columns.map((column) => shown(column.cell(row))));
  const widths = fitted(
    columns.map((_, index) =>
      Math.max(...[titles, ...cells].map((line) => line[index]?.length ?? 0)),
    ),
    page.width,
  );
  const lineOf = (line: readonly string[], tones: readonly (Tone | undefined)[]) => {
    const padded = line.map((cell, index) => {
      const width = widths[index] ?? 0;
      const text = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
      const blanks = " ".repeat(width - text.length);
      const painted = coloured(text, tones[index], page);
      return columns[index]?.align === "right" ? blanks + painted : painted + blanks;
    });
    return `${padded.join("  ").trimEnd()}\n`;
  };
  const body = cells.map((line, index) => {
    const row = rows[index];
    const tones = columns.map(({ tone }) => (row === undefined ? undefined : tone?.(row)));
    return lineOf(line, tones);
  });
  return [lineOf(titles, []), ...body].join("");
}

/** Takes from the widest column as long as the line is too wide and something can be taken. */
function fitted(widths: readonly number[], width: number): readonly number[] {
  const fitting = [...widths];
  const total = () => fitting.reduce((sum, each) => sum + each, 2 * (fitting.length - 1));
  while (total() > width) {
    const widest = Math.max(...fitting);
    if (widest <= NARROWEST) break;
    fitting[fitting.indexOf(widest)] = widest - 1;
  }
  return fitting;
}

/** A column is not cut below this: less of a word tells nobody anything. */
const NARROWEST = 8;

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
