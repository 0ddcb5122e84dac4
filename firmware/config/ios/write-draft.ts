/** The draft as YAML with comments: which lines of the router each part comes from, and what to know about it. */
import {
  Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Draft, MissingFile, Part, Parts } from "./draft.ts";
import type { Section } from "./read-sections.ts";

/** @param source the router's file, for the head. @param missing files to be put there, which the parts that name them tell. */
export function writeDraft(draft: Draft, source: string, missing: readonly MissingFile[]): string {
  const document = new Document({}, { aliasDuplicateObjects: false });
  const root = document.contents as unknown as YAMLMap;
  document.commentBefore = ` FlexSpoke configuration, imported from ${source.replace(/[^\x20-\x7e]/g, "?")}.`;
  const put = (path: readonly string[], parts: Parts) => {
    if (parts.size === 0) return;
    const map = document.createNode({}) as YAMLMap;
    for (const [name, part] of parts) map.add(pairOf(document, name, part, missing));
    document.setIn(path, map);
  };
  if (draft.hostname) {
    const { value, from } = draft.hostname;
    root.add(document.createPair("hostname", value));
    commentOn(root, ` line ${from.line.number}`);
  }
  put(["pki", "trustpoints"], draft.trustpoints);
  put(["ikev2", "proposals"], draft.proposals);
  put(["ikev2", "profiles"], draft.ikeProfiles);
  put(["ipsec", "profiles"], draft.ipsecProfiles);
  put(["tunnels"], draft.tunnels);
  put(["sla"], draft.sla);
  put(["track"], draft.track);
  put(["dialers"], draft.dialers);
  put(["clients"], draft.clients);
  for (const pair of root.items.slice(1)) spaceBefore(pair);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function commentOn(map: YAMLMap, comment: string): void {
  const value = map.items.at(-1)?.value;
  if (isScalar(value)) value.comment = comment;
}

function spaceBefore(pair: Pair): void {
  if (isScalar(pair.key)) pair.key.spaceBefore = true;
}

function pairOf(
  document: Document,
  name: string,
  part: Part,
  missing: readonly MissingFile[],
): Pair {
  const value = document.createNode(part.value) as Node;
  if (isMap(value)) for (const item of value.items) if (isNode(item.value)) settle(item.value);
  const key = document.createNode(name) as Scalar;
  const comments = [...linesOf(part.from), ...part.notes, ...missingOf(part.value, missing)];
  if (comments.length > 0) key.commentBefore = comments.map((text) => ` ${text}`).join("\n");
  return document.createPair(key, value) as Pair;
}

const isNode = (value: unknown): value is Node => isMap(value) || isSeq(value) || isScalar(value);

/** Lists of maps stand one a line; everything smaller is written as in the manual. */
function settle(node: Node): void {
  if (isSeq(node) && node.items.some(isMap)) {
    for (const item of node.items) if (isMap(item)) item.flow = true;
  } else if (isMap(node) || isSeq(node)) node.flow = true;
}

/** `IOS lines 12-20, 31` */
function linesOf(sections: readonly Section[]): readonly string[] {
  const ranges = sections
    .map(({ line, children }) => [line.number, lastOf({ line, children })] as const)
    .sort(([a], [b]) => a - b)
    .map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  if (ranges.length === 0) return [];
  const text = [...new Set(ranges)].join(", ");
  return [`IOS line${/\D/.test(text) ? "s" : ""} ${text}`];
}

const lastOf = ({ line, children }: Pick<Section, "line" | "children">): number =>
  Math.max(line.last, ...children.map(lastOf));

function missingOf(value: unknown, missing: readonly MissingFile[]): readonly string[] {
  const text = JSON.stringify(value);
  return missing
    .filter(({ path }) => text.includes(JSON.stringify(path)))
    .map(
      ({ path, reason }) => `to be put there: ${path} (${reason.replace(/[^\x20-\x7e]/g, "?")})`,
    );
}
