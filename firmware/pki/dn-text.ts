import { failed, ok, type Result } from "#lib/result.ts";

/** An attribute as it stands in text, its value unescaped. A value in `#` form keeps its `#`. */
export interface DnTextAttribute {
  readonly type: string;
  readonly value: string;
}

/**
 * Splits `CN=a+OU=b,O=c` into its parts and attributes, in the order of the text. RFC 4514 §3; `;` and
 * quotes as in RFC 2253 §4.
 * @returns a sentence saying what is wrong and where.
 */
export function splitDn(text: string): Result<readonly (readonly DnTextAttribute[])[], string> {
  if (text.startsWith("/")) return failed('write the name as "CN=…,O=…", not with slashes');
  if (text.trim() === "") return failed("the name is empty");
  const parts: DnTextAttribute[][] = [[]];
  let at = 0;
  while (at <= text.length) {
    const equals = text.indexOf("=", at);
    const type = text.slice(at, equals < 0 ? undefined : equals).trim();
    if (equals < 0 || !/^[A-Za-z0-9.]+$/.test(type))
      return failed(`TYPE=value is expected at "${text.slice(at)}"`);
    const value = readValue(text, equals + 1);
    if (!value) return failed(`the value of ${type} has a wrong escape or an open quote`);
    parts[parts.length - 1]?.push({ type, value: value.value });
    if (text[value.end] !== "+" && value.end < text.length) parts.push([]);
    at = value.end + 1;
  }
  return ok(parts);
}

/** Reads up to the next separator that is neither escaped nor quoted. RFC 4514 §3, RFC 2253 §4 */
function readValue(text: string, start: number): { value: string; end: number } | undefined {
  const bytes: number[] = [];
  let quoted = false;
  let kept = 0;
  let at = start;
  for (; at < text.length; at++) {
    const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (char === '"') quoted = !quoted;
    else if (char === "\\") {
      const hex = /^[0-9a-f]{2}/i.exec(text.slice(at + 1))?.[0];
      const escaped = text.codePointAt(at + 1);
      if (escaped === undefined) return undefined;
      if (hex) bytes.push(Number.parseInt(hex, 16));
      else pushText(bytes, String.fromCodePoint(escaped));
      at += hex ? 2 : String.fromCodePoint(escaped).length;
      kept = bytes.length;
    } else if (!quoted && (char === "," || char === ";" || char === "+")) break;
    else if (quoted || char !== " " || bytes.length > 0) pushText(bytes, char);
    if (quoted) kept = bytes.length;
    at += char.length - 1;
  }
  if (quoted) return undefined;
  // Spaces at the end count only when escaped or quoted.
  while (bytes.length > kept && bytes[bytes.length - 1] === 0x20) bytes.pop();
  return { value: new TextDecoder().decode(Uint8Array.from(bytes)), end: at };
}

function pushText(bytes: number[], text: string): void {
  bytes.push(...new TextEncoder().encode(text));
}
