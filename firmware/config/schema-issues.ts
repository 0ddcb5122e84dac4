/** Turns what the schema says into sentences for an operator, without ever quoting a value of the file. */
import type * as z from "zod/mini";
import type { ConfigError, ConfigPath } from "./config-error.ts";
import { wrongKind } from "./schema-scalars.ts";
import { secretAt } from "./secret-paths.ts";
import { suggest } from "./suggestion.ts";
import type { YamlSource } from "./yaml-source.ts";

type Issue = z.core.$ZodIssue;
/** What zod writes when a schema has no sentence of its own. */
const NO_MESSAGE = "Invalid input";

/** @returns one error for each fault; `data` is what was checked by `schema`. */
export function schemaErrors(
  source: YamlSource,
  schema: z.core.$ZodType,
  data: unknown,
  issues: readonly Issue[],
): readonly ConfigError[] {
  const errors = new Map<string, ConfigError>();
  const misspelt = issues.filter(({ code }) => code === "unrecognized_keys");
  for (const issue of issues) {
    // What a map lacks is likely to stand there under the wrong name: one fault, told once.
    const place = JSON.stringify(issue.path);
    if (issue.code === "custom" && misspelt.some(({ path }) => JSON.stringify(path) === place))
      continue;
    for (const fault of describe(schema, data, issue)) {
      const error = source.fault("error", fault.path, fault.message, fault.at);
      errors.set(`${JSON.stringify(fault.path)} ${fault.message}`, error);
    }
  }
  return [...errors.values()];
}

interface Fault {
  readonly path: ConfigPath;
  readonly message: string;
  readonly at?: "key" | "value";
}

function describe(schema: z.core.$ZodType, data: unknown, issue: Issue): readonly Fault[] {
  const path = issue.path as ConfigPath;
  const secret = secretAt(path);
  if (secret && valueAt(data, secret) !== undefined) {
    const isEmpty =
      issue.code === "too_small" ||
      (issue.code === "invalid_union" && valueAt(data, secret) === "");
    const message = isEmpty
      ? "the secret is empty (text in quotes, { file: PATH } or { env: NAME })"
      : "not a secret (text in quotes, { file: PATH } or { env: NAME })";
    return [{ path: secret, message }];
  }
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(schemaAt(schema, path), path, key));
    case "invalid_union":
      return describeUnion(schema, data, issue);
    case "invalid_key":
      return [{ path, message: issue.issues[0]?.message ?? "not usable as a name", at: "key" }];
    default:
      return [{ path, message: sentence(data, issue) }];
  }
}

function unknownKey(schema: z.core.$ZodType | undefined, path: ConfigPath, key: string): Fault {
  const known = Object.keys(shapeOf(schema) ?? {});
  const guess = suggest(key, known);
  const hint = guess ? `did you mean ${guess}? ` : "";
  return {
    path: [...path, key],
    message: `unknown key (${hint}known here: ${known.join(", ")})`,
    at: "key",
  };
}

function sentence(data: unknown, issue: Issue): string {
  const value = valueAt(data, issue.path as ConfigPath);
  if (value === undefined && issue.code !== "custom") return required(issue);
  if (issue.message !== NO_MESSAGE) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return wrongKind(typeWord(issue.expected));
    case "invalid_value":
      return oneOfSentence(issue.values.map(String), value);
    case "too_small":
      return issue.origin === "array"
        ? `the list is empty (at least ${issue.minimum})`
        : issue.origin === "string"
          ? "is empty (some text)"
          : `too small (at least ${issue.minimum})`;
    case "too_big":
      return `too large (at most ${issue.maximum})`;
    default:
      return "not allowed here (see `flexspoke config schema`)";
  }
}

function required(issue: Issue): string {
  if (issue.message !== NO_MESSAGE) return `is required (${wantedIn(issue.message)})`;
  if (issue.code === "invalid_type") return `is required (${typeWord(issue.expected)})`;
  if (issue.code === "invalid_value") return `is required (${issue.values.map(String).join(", ")})`;
  return "is required";
}

/** What a sentence of a scalar says in its parentheses. */
const wantedIn = (message: string): string => /\((.*)\)$/.exec(message)?.[1] ?? message;

function oneOfSentence(values: readonly string[], value: unknown): string {
  const guess = typeof value === "string" ? suggest(value, values) : undefined;
  const hint = guess ? `did you mean ${guess}? ` : "";
  return `not one of the known values (${hint}one of ${values.join(", ")})`;
}

/** Speaks of the branch that the operator meant: the one whose fault lies deepest, or all of them where none fits. */
function describeUnion(
  schema: z.core.$ZodType,
  data: unknown,
  issue: z.core.$ZodIssueInvalidUnion,
): readonly Fault[] {
  const path = issue.path as ConfigPath;
  const branches = issue.errors.map((branch) =>
    branch.map((inner) => ({ ...inner, path: [...path, ...inner.path] }) as Issue),
  );
  const value = valueAt(data, path);
  const meant = branches.find((branch) => branch.every((inner) => !isKindFault(inner, path)));
  if (meant) return meant.flatMap((inner) => describe(schema, data, inner));
  const values = branches
    .flat()
    .flatMap((inner) => (inner.code === "invalid_value" ? inner.values.map(String) : []));
  const types = branches
    .flat()
    .flatMap((inner) =>
      inner.code === "invalid_type"
        ? [inner.message === NO_MESSAGE ? typeWord(inner.expected) : wantedIn(inner.message)]
        : [],
    );
  const allowed = [...values, ...types].join(", or ");
  return [{ path, message: value === undefined ? `is required (${allowed})` : wrongKind(allowed) }];
}

/** True when a branch of a union was not meant at all: its kind of value is another one. */
function isKindFault(issue: Issue, path: ConfigPath): boolean {
  return (
    issue.path.length === path.length &&
    (issue.code === "invalid_type" || issue.code === "invalid_value")
  );
}

function typeWord(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    object: "a map of keys",
    record: "a map of names",
    array: "a list, [ one, another ]",
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
  };
  return words[expected] ?? expected;
}

/** The value at `path` in plain data; undefined when there is none. */
export function valueAt(data: unknown, path: ConfigPath): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

type AnyDef = {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly options?: readonly z.core.$ZodType[];
};

const defOf = (schema: z.core.$ZodType): AnyDef => schema._zod.def as unknown as AnyDef;

function schemaAt(schema: z.core.$ZodType, path: ConfigPath): z.core.$ZodType | undefined {
  let at: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    at = at && unwrap(at);
    const def: AnyDef | undefined = at && defOf(at);
    at = def?.shape ? def.shape[step] : (def?.valueType ?? def?.element);
  }
  return at && unwrap(at);
}

/** Past optional and default wrappers; of a union, the branch that is a map. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType, options } = defOf(schema);
  if (innerType) return unwrap(innerType);
  const map = options?.map(unwrap).find((option) => defOf(option).shape ?? defOf(option).element);
  return map ?? schema;
}

function shapeOf(schema: z.core.$ZodType | undefined) {
  return schema && defOf(schema).shape;
}
