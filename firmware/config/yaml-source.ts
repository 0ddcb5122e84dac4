/** The text of the configuration as plain data that remembers where each value and key stands. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { ConfigError, ConfigPath } from "./config-error.ts";
import { YAML_FAULTS } from "./yaml-faults.ts";

/** Longest configuration that is read, in UTF-16 code units. */
export const MAX_TEXT_LENGTH = 512 * 1024;
const MAX_NODES = 50_000;
const MAX_DEPTH = 40;
const MAX_SYNTAX_ERRORS = 10;

/** Where a fault is: at a key, at its value, or so many UTF-16 code units into the text that is its value. */
export type FaultPlace = "key" | "value" | { readonly text: string; readonly offset: number };

/** What was read, and the places in it. */
export interface YamlSource {
  readonly file: string;
  /** Objects, arrays and scalars; `null` for an empty file. Key order is that of the file. */
  readonly value: unknown;
  /** Faults of syntax; when there are any, `value` is not to be used. */
  readonly errors: readonly ConfigError[];
  /** Makes an error that points at the key or the value of `path`, or at the nearest thing around it that exists. */
  fault(
    severity: ConfigError["severity"],
    path: ConfigPath,
    message: string,
    at?: FaultPlace,
  ): ConfigError;
}

/** Reads YAML 1.2. Never throws, whatever `text` is. */
export function readYaml(file: string, text: string): YamlSource {
  const reader = new Reader(file, text);
  return reader.read();
}

interface Place {
  readonly key: number;
  readonly value: number;
}

class Reader {
  readonly #file: string;
  readonly #text: string;
  readonly #errors: ConfigError[] = [];
  readonly #places = new Map<string, Place>();
  /** An alias means the anchor last seen before it. */
  readonly #anchors = new Map<string, Node>();
  #aliasDepth = 0;
  #nodes = 0;
  #isExhausted = false;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  read(): YamlSource {
    let value: unknown = null;
    if (this.#text.length > MAX_TEXT_LENGTH) this.#syntax(0, "the file is too large (512 KiB)");
    else value = this.#parse();
    return {
      file: this.#file,
      value,
      errors: this.#errors,
      fault: (severity, path, message, at = "value") =>
        this.#fault(severity, this.#locate(path, at), path, message),
    };
  }

  #parse(): unknown {
    let document: Document.Parsed;
    try {
      document = parseDocument(this.#text, {
        version: "1.2",
        prettyErrors: false,
        uniqueKeys: false,
      });
    } catch (error) {
      // The composer recurses: thousands of nested brackets end its stack before our own depth limit is asked.
      if (!(error instanceof RangeError)) throw error;
      this.#syntax(0, `nested too deeply (at most ${MAX_DEPTH} levels)`);
      return null;
    }
    for (const { code, pos } of [...document.errors, ...document.warnings])
      this.#syntax(pos[0], YAML_FAULTS[code] ?? "not valid YAML");
    if (this.#errors.length > 0 || !document.contents) return null;
    return this.#visit(document.contents, [], document.contents.range[0]);
  }

  #visit(node: Node | null, path: ConfigPath, key: number): unknown {
    const value = node?.range?.[0] ?? key;
    this.#places.set(placeKey(path), { key, value });
    if (this.#isExhausted) return null;
    if (++this.#nodes > MAX_NODES || path.length > MAX_DEPTH) {
      this.#isExhausted = true;
      this.#syntax(
        value,
        `too much in one file (at most ${MAX_NODES} values, ${MAX_DEPTH} levels; check the aliases)`,
      );
      return null;
    }
    if (isAlias(node)) return this.#visitAlias(node.source, path, key, value);
    if (node && "anchor" in node && node.anchor && this.#aliasDepth === 0)
      this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#visitMap(node.items, path);
    if (isSeq(node))
      return node.items.map((item, index) =>
        this.#visit(item as Node, [...path, index], rangeStart(item) ?? value),
      );
    return isScalar(node) ? node.value : null;
  }

  #visitAlias(anchor: string, path: ConfigPath, key: number, start: number): unknown {
    const target = this.#anchors.get(anchor);
    if (!target) this.#syntax(start, YAML_FAULTS.BAD_ALIAS);
    this.#aliasDepth++;
    const value = this.#visit(target ?? null, path, key);
    this.#aliasDepth--;
    this.#places.set(placeKey(path), { key, value: start });
    return value;
  }

  #visitMap(items: readonly { key: unknown; value: unknown }[], path: ConfigPath): unknown {
    const object: Record<string, unknown> = {};
    for (const { key, value } of items) {
      const start = rangeStart(key) ?? rangeStart(value) ?? 0;
      const name = isScalar(key) ? (key.source ?? String(key.value ?? "")) : undefined;
      if (name === undefined || name === "" || name === "__proto__")
        this.#fail(start, path, "not usable as a key (a name)");
      else if (Object.hasOwn(object, name))
        this.#fail(start, [...path, name], "is here twice (each key once)");
      else object[name] = this.#visit(value as Node | null, [...path, name], start);
    }
    return object;
  }

  #locate(path: ConfigPath, at: FaultPlace): number {
    const place = this.#places.get(placeKey(path));
    if (place && typeof at === "object") return this.#within(place.value, at.text, at.offset);
    if (place && typeof at === "string") return place[at];
    return path.length === 0 ? 0 : this.#locate(path.slice(0, -1), "key");
  }

  /**
   * The place of a character of a value in the file, past quotes, block headers and folded lines; the start of the value
   * where the file writes it in another way (escapes).
   */
  #within(start: number, value: string, offset: number): number {
    let at = start;
    const opening = this.#text[start];
    if (opening === '"' || opening === "'") at++;
    else if (opening === "|" || opening === ">") at = this.#text.indexOf("\n", start) + 1;
    const skipBlanks = () => {
      while (/\s/.test(this.#text[at] ?? "")) at++;
    };
    for (const character of value.slice(0, offset)) {
      if (/\s/.test(character)) continue;
      skipBlanks();
      if (!this.#text.startsWith(character, at)) return start;
      at += character.length;
    }
    if (offset < value.length) skipBlanks();
    return at;
  }

  #syntax(offset: number, message: string): void {
    if (this.#errors.length < MAX_SYNTAX_ERRORS) this.#fail(offset, [], `YAML: ${message}`);
  }

  #fail(offset: number, path: ConfigPath, message: string): void {
    this.#errors.push(this.#fault("error", offset, path, message));
  }

  #fault(
    severity: ConfigError["severity"],
    offset: number,
    path: ConfigPath,
    message: string,
  ): ConfigError {
    const before = this.#text.slice(0, offset);
    const lineStart = before.lastIndexOf("\n") + 1;
    return {
      severity,
      file: this.#file,
      line: before.split("\n").length,
      column: before.length - lineStart + 1,
      path,
      message,
    };
  }
}

const placeKey = (path: ConfigPath): string => JSON.stringify(path);

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
