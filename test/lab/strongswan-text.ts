/** strongSwan's two text formats: settings, which we write, and vici messages as `swanctl --raw` prints them, which we read. */

import type { Settings } from "./merge.ts";

/** One value, list or section of a vici message. */
export type ViciValue = string | readonly string[] | ViciSection;
export interface ViciSection {
  readonly [key: string]: ViciValue;
}

/** A number or text is a line, an object a section; undefined leaves a key out. */
export function settingsText(section: Settings, indent = ""): string {
  return Object.entries(section)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) =>
      typeof value === "object"
        ? `${indent}${key} {\n${settingsText(value as Settings, `${indent}  `)}${indent}}\n`
        : `${indent}${key} = ${value}\n`,
    )
    .join("");
}

/** @returns the section after each occurrence of `prefix`, such as `list-sa event`. */
export function viciSections(text: string, prefix: string): ViciSection[] {
  const sections: ViciSection[] = [];
  let at = text.indexOf(prefix);
  while (at >= 0) {
    const reader = new ViciReader(text, text.indexOf("{", at));
    sections.push(reader.section());
    at = text.indexOf(prefix, reader.position);
  }
  return sections;
}

/** Text such as `{net-1 {name=net state=INSTALLED remote-vips=[10.250.1.1]}}`. */
class ViciReader {
  readonly #text: string;
  position: number;

  constructor(text: string, position: number) {
    this.#text = text;
    this.position = position;
  }

  section(): ViciSection {
    const found: Record<string, ViciValue> = {};
    this.position++;
    for (;;) {
      while (/\s/.test(this.#text.charAt(this.position))) this.position++;
      if (this.position >= this.#text.length || this.#text.charAt(this.position) === "}") break;
      const key = this.#until(/[ ={[]/);
      while (this.#text.charAt(this.position) === " ") this.position++;
      const next = this.#text.charAt(this.position);
      if (next === "{") {
        found[key] = this.section();
        continue;
      }
      this.position++;
      if (this.#text.charAt(this.position) === "[") {
        this.position++;
        found[key] = this.#until(/\]/).split(" ").filter(Boolean);
        this.position++;
      } else {
        found[key] = this.#value();
      }
    }
    this.position++;
    return found;
  }

  /** A value may have spaces in it: it ends before the next `key=`, `key {`, or the section's end. */
  #value(): string {
    const rest = this.#text.slice(this.position);
    const end = rest.search(/ [\w.-]+(=| \{)|\}/);
    const value = end < 0 ? rest : rest.slice(0, end);
    this.position += value.length;
    return value;
  }

  #until(stop: RegExp): string {
    const rest = this.#text.slice(this.position);
    const end = rest.search(stop);
    const word = end < 0 ? rest : rest.slice(0, end);
    this.position += word.length;
    return word;
  }
}
