/**
 * Finds what an option of UCI is called in our configuration, and what its text means there. UCI names have neither hyphens
 * nor depth: `local_identity` is `local.identity`, `nat_keepalive` is `nat-keepalive`. The schema of the file decides, so
 * that every key that it will ever have can be written in UCI.
 */

/** The part of a JSON Schema (draft 2020-12) that is looked at. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

export interface FoundOption {
  readonly path: readonly string[];
  /** What may stand there: any one of these. */
  readonly forms: readonly SchemaNode[];
}

/** A schema with its definitions at hand. */
export class OptionFinder {
  readonly #root: SchemaNode;

  constructor(root: SchemaNode) {
    this.#root = root;
  }

  /** The forms of the value at `path`. */
  at(path: readonly string[]): readonly SchemaNode[] {
    return path.reduce<readonly SchemaNode[]>(
      (forms, key) => this.#child(forms, key),
      this.#forms(this.#root),
    );
  }

  /** @param forms of the section that the option stands in. @returns undefined when it has no such key. */
  find(forms: readonly SchemaNode[], option: string): FoundOption | undefined {
    const words = option.split("_");
    // The longest name first: dpd_interval is dpd.interval only where there is no key dpd-interval.
    for (let count = words.length; count > 0; count--) {
      const key = words.slice(0, count).join("-");
      const found = this.#child(forms, key);
      if (found.length === 0) continue;
      if (count === words.length) return { path: [key], forms: found };
      const inner = this.find(found, words.slice(count).join("_"));
      if (inner) return { path: [key, ...inner.path], forms: inner.forms };
    }
    return undefined;
  }

  /** Keys of a section as UCI would call them, for whoever mistyped one. */
  names(forms: readonly SchemaNode[]): readonly string[] {
    const keys = forms.flatMap(({ properties = {} }) => Object.keys(properties));
    return [...new Set(keys)].map((key) => key.replaceAll("-", "_"));
  }

  /** The forms of a list's items. */
  items(forms: readonly SchemaNode[]): readonly SchemaNode[] {
    return forms.flatMap(({ items }) => (items ? this.#forms(items) : []));
  }

  /** The forms of the values of a map with free names. */
  values(forms: readonly SchemaNode[]): readonly SchemaNode[] {
    return forms.flatMap(({ additionalProperties }) =>
      typeof additionalProperties === "object" ? this.#forms(additionalProperties) : [],
    );
  }

  #child(forms: readonly SchemaNode[], key: string): readonly SchemaNode[] {
    const named = forms.flatMap(({ properties }) => {
      const child = properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
      return child ? this.#forms(child) : [];
    });
    return named.length > 0 ? named : this.values(forms);
  }

  #forms(node: SchemaNode): readonly SchemaNode[] {
    const { $ref, anyOf, oneOf, allOf } = node;
    const target = $ref?.startsWith("#/$defs/") ? this.#root.$defs?.[$ref.slice(8)] : undefined;
    const inner = [
      ...(target ? [target] : []),
      ...(anyOf ?? []),
      ...(oneOf ?? []),
      ...(allOf ?? []),
    ];
    return inner.length > 0 ? inner.flatMap((one) => this.#forms(one)) : [node];
  }
}
