/**
 * A router's configuration as commands with their line numbers: what a terminal left in it is taken out, the text of banners
 * and certificates belongs to the command that begins it. It knows nothing of what commands mean.
 */

/** One command. */
export interface IosLine {
  /** From 1, as an editor counts. */
  readonly number: number;
  /** The last line of its body; `number` where it has none. */
  readonly last: number;
  /** Blanks before it; undefined where a terminal's paging hid them. */
  readonly indent: number | undefined;
  readonly text: string;
  /** The lines of a banner or of a certificate, without the one that ends them. */
  readonly body: readonly string[];
}

/** A whole file. */
export interface IosText {
  readonly commands: readonly IosLine[];
  /** Numbers of blank lines, comments, and what a terminal printed: no configuration. */
  readonly silent: readonly number[];
  /** Lines with only `!`, which end a section where nothing is indented. */
  readonly ends: ReadonlySet<number>;
}

/** Never throws, whatever the text is. */
export function readIosText(text: string): IosText {
  const raw = splitLines(text);
  const lines = raw.map(cleanLine);
  const commands: IosLine[] = [];
  const silent: number[] = [];
  const ends = new Set<number>();
  for (let index = 0; index < lines.length; index++) {
    const { text: command, indent } = lines[index] ?? { text: "", indent: 0 };
    const number = index + 1;
    if (command === "!") ends.add(number);
    if (command === "" || command.startsWith("!") || isTerminalText(command)) {
      silent.push(number);
      continue;
    }
    const size = bodySize(command, index, lines);
    const body = lines.slice(index + 1, index + 1 + size).map((line) => line.text);
    commands.push({ number, last: number + size, indent, text: command, body });
    index += size;
  }
  return { commands, silent, ends };
}

function splitLines(text: string): readonly string[] {
  const plain = text.replace(/^\uFEFF/, "");
  const lines = plain.includes("\n") ? plain.split("\n") : plain.split("\r");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

interface CleanLine {
  readonly text: string;
  readonly indent: number | undefined;
}

/** ` --More-- `, what rubs it out again, colours, and other signs of a terminal. */
function cleanLine(raw: string): CleanLine {
  let text = raw.replace(/\r+$/, "").replaceAll(colours, "");
  const isRubbed = rubbed.test(text);
  const isCopied = !isRubbed && copied.test(text);
  text = text.replace(isRubbed ? rubbed : copied, "").replaceAll("\t", " ");
  text = Array.from(text, (sign) => (sign < " " && sign !== END_OF_TEXT ? "" : sign)).join("");
  const trimmed = text.trim();
  return {
    text: trimmed,
    indent: isCopied ? undefined : text.length - text.trimStart().length,
  };
}

const MORE = "<?-{1,3} ?[Mm]ore ?-{1,3}>?";
const colours = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;?]*[A-Za-z]`, "g");
/** The prompt of the pager, and the backspaces or the carriage return that rub it out. */
const rubbed = new RegExp(
  `^ ?${MORE} ?(?:BACK+ *BACK+|\\r *\\r?)`.replaceAll("BACK", String.fromCharCode(8)),
);

/** The same in text that was copied from a window. */
const copied = new RegExp(`^\\s*${MORE}\\s*`);

/** Control-C, which old versions print as itself around a banner. */
const END_OF_TEXT = String.fromCharCode(3);

/** A prompt with the command that was typed, and what `show running-config` says before it begins. */
function isTerminalText(text: string): boolean {
  return (
    /^[\w.-]{1,63}(\([\w-]+\))?[#>]\s*((sh|show|more|term|terminal|en|enable|conf|configure|wr|write|exit|end)\b.*)?$/i.test(
      text,
    ) ||
    /^(building configuration|current configuration ?:|using \d+ out of \d+ bytes)/i.test(text) ||
    /^(end|exit)$/i.test(text)
  );
}

/** How many lines after the command at `index` are its text. */
function bodySize(command: string, index: number, lines: readonly CleanLine[]): number {
  const banner =
    /^(?:banner\s+\S+|aaa\s+authentication\s+(?:banner|fail-message)|menu\s+\S+\s+(?:title|prompt))\s+(.*)$/i.exec(
      command,
    )?.[1];
  if (banner !== undefined) return bannerSize(banner, index, lines);
  const isKey = /^(certificate\b.*|key-string)$/i.test(command);
  return isKey ? hexSize(index, lines) : 0;
}

/** Up to the second of its delimiter; none where there is no second: the rest of the file is no banner then. */
function bannerSize(text: string, index: number, lines: readonly CleanLine[]): number {
  const delimiter = /^\^.|^./.exec(text)?.[0] ?? "";
  if (text.slice(delimiter.length).includes(delimiter)) return 0;
  const end = lines.findIndex((line, at) => at > index && line.text.includes(delimiter));
  return end < 0 ? 0 : end - index;
}

/** Up to `quit`, as long as there is nothing but hexadecimal digits. */
function hexSize(index: number, lines: readonly CleanLine[]): number {
  let at = index + 1;
  while (/^[0-9A-Fa-f]{2,}(\s+[0-9A-Fa-f]{2,})*$/.test(lines[at]?.text ?? "")) at++;
  const hasQuit = /^quit$/i.test(lines[at]?.text ?? "");
  return at - index - 1 + (hasQuit ? 1 : 0);
}
