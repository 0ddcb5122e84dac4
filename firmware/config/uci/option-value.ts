/** What the text of a UCI option is in our configuration: UCI has only text, the schema says what it stands for. */
import type { OptionFinder, SchemaNode } from "./option-path.ts";
import type { UciOption, UciValue } from "./read-uci.ts";

/** A value with the line it comes from, where it is not made of others. */
export type Rendered =
  | { readonly kind: "scalar"; readonly value: string | number | boolean; readonly line: number }
  | { readonly kind: "list"; readonly items: readonly Rendered[] }
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, Rendered> };

/**
 * The value of an option. What does not fit any form is left as it is: the check of the whole configuration says what
 * would be right, and where.
 */
export function optionValue(
  option: UciOption,
  forms: readonly SchemaNode[],
  finder: OptionFinder,
): Rendered {
  const values = valuesOf(option);
  const items = finder.items(forms);
  const isMap = values.every(({ text }) => text.includes("="));
  const mapValues = finder.values(forms);
  if (mapValues.length > 0 && isMap)
    return { kind: "map", entries: new Map(values.map((value) => entry(value, mapValues))) };
  const takesScalar = forms.some(({ type }) => type !== "array" && type !== "object");
  if (items.length > 0 && (option.isList || !takesScalar))
    return { kind: "list", items: values.map((value) => scalar(value, items)) };
  const [only] = option.values;
  if (!option.isList && only) return scalar(only, forms);
  return { kind: "list", items: values.map((value) => scalar(value, forms)) };

  /** As elsewhere in UCI, an option that should be a list may have blanks between its values. */
  function valuesOf({ values, isList }: UciOption): readonly UciValue[] {
    if (isList) return values;
    return values.flatMap(({ text, line }) =>
      text.split(/\s+/).flatMap((word) => (word === "" ? [] : [{ text: word, line }])),
    );
  }
}

function entry({ text, line }: UciValue, forms: readonly SchemaNode[]): [string, Rendered] {
  const at = text.indexOf("=");
  return [text.slice(0, at).trim(), scalar({ text: text.slice(at + 1).trim(), line }, forms)];
}

const yes = new Set(["1", "on", "true", "yes", "enabled"]);
const no = new Set(["0", "off", "false", "no", "disabled"]);

function scalar({ text, line }: UciValue, forms: readonly SchemaNode[]): Rendered {
  return { kind: "scalar", value: meaning(text, forms), line };
}

function meaning(text: string, forms: readonly SchemaNode[]): string | number | boolean {
  const words = forms.flatMap((form) => [form.const, ...(form.enum ?? [])]);
  if (words.includes(text)) return text;
  const kinds = new Set(forms.map(({ type }) => type));
  if ((kinds.has("integer") || kinds.has("number")) && /^-?\d+(\.\d+)?$/.test(text))
    return Number(text);
  const takes = (value: boolean) => kinds.has("boolean") || words.includes(value);
  if (yes.has(text) && takes(true)) return true;
  if (no.has(text) && takes(false)) return false;
  return text;
}
