import type { ErrorCode } from "yaml";

/**
 * Our own sentence for each fault of the YAML parser. Its own messages quote the text, which may be a secret: a
 * pre-shared key that starts with `*` or `%` is a common fault.
 */
export const YAML_FAULTS: Readonly<Partial<Record<ErrorCode, string>>> & {
  readonly BAD_ALIAS: string;
} = {
  ALIAS_PROPS: "an alias (*name) with an anchor or tag (leave them out)",
  BAD_ALIAS: "alias (*name) without an anchor (&name) before it (quote text that starts with *)",
  BAD_COLLECTION_TYPE: "a tag (!name) that does not fit (leave tags out)",
  BAD_DIRECTIVE: "directive that is not understood (quote text that starts with %)",
  BAD_DQ_ESCAPE: "unknown escape in double quotes (use single quotes, or \\\\ for a backslash)",
  BAD_INDENT:
    "indentation does not fit the lines around it (two spaces a level; a bracket may be open)",
  BAD_PROP_ORDER: "anchor or tag in the wrong place (just before the value)",
  BAD_SCALAR_START: "text can't start with this character (quote it)",
  BLOCK_AS_IMPLICIT_KEY:
    "two keys on one line (one a line; quote text that contains a colon and a space)",
  BLOCK_IN_FLOW: "a block inside { } or [ ] (write it in { } or [ ] too)",
  DUPLICATE_KEY: "a key is here twice (each key once)",
  KEY_OVER_1024_CHARS: "a key is too long (1024 characters)",
  MISSING_CHAR:
    "a character is missing (a closing quote or bracket, a comma, the space after a colon)",
  MULTILINE_IMPLICIT_KEY: "a key is followed by no colon on its line (key: value)",
  MULTIPLE_ANCHORS: "more than one anchor on a value (one &name)",
  MULTIPLE_DOCS: "more than one document in the file (remove the --- in its middle)",
  MULTIPLE_TAGS: "more than one tag on a value (one !name)",
  TAB_AS_INDENT: "a tab as indentation (use spaces)",
  TAG_RESOLVE_FAILED: "unknown tag (quote text that starts with !)",
  UNEXPECTED_TOKEN: "something unexpected here (quote text with special characters)",
};
