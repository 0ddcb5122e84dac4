/**
 * Track objects as a tree that shows why each is what it is: lists above their members, and of the members those that
 * decide. Source: IOS track list boolean, threshold weight, threshold percentage.
 */
import { type BooleanExpression, parseBoolean } from "#config/boolean-syntax.ts";
import type { TrackObjectState } from "#state/document-track.ts";
import type { Tone } from "./glance.ts";

type State = TrackObjectState["state"];
type Objects = Readonly<Record<string, TrackObjectState>>;

export interface TrackNode {
  readonly name: string;
  readonly object: TrackObjectState;
  /** Among the members of the list above, it is one that makes the list what it is. */
  readonly isDecisive: boolean;
  readonly weight?: number;
  /** Stands elsewhere in the tree with its members too. */
  readonly children: readonly TrackNode[];
}

/** A piece of a boolean expression as it is written; a name with the state of its object. */
export interface ExpressionPiece {
  readonly text: string;
  readonly kind: "name" | "word";
  readonly state?: State;
  readonly tone?: Tone;
  readonly isDecisive?: boolean;
}

/** The trees, those at the top that no list holds; in the order of the configuration. */
export function trackTrees(objects: Objects): readonly TrackNode[] {
  const isMember = new Set(
    Object.values(objects).flatMap(({ members = [] }) => members.map(({ object }) => object)),
  );
  return Object.keys(objects)
    .filter((name) => !isMember.has(name))
    .flatMap((name) => nodeOf(objects, name, false, new Set()) ?? []);
}

/** The expression of a boolean list in pieces, each name with its state; empty for other objects. */
export function expressionPieces(objects: Objects, name: string): readonly ExpressionPiece[] {
  const text = objects[name]?.expression;
  if (text === undefined) return [];
  const decisive = decisiveMembers(objects, name);
  const inverse = negatedObjects({ [name]: { ...objects[name] } as TrackObjectState });
  return [...text.matchAll(/[^\s()]+|[()]/g)].map(([piece]) => {
    if (/^(and|or|not|[()])$/i.test(piece)) return { text: piece, kind: "word" };
    const object = objects[piece];
    if (!object) return { text: piece, kind: "name" };
    return {
      text: piece,
      kind: "name",
      state: object.state,
      tone: objectTone(object, inverse.has(piece)),
      isDecisive: decisive.has(piece),
    };
  });
}

/** Members that make a list what it is: were each of them otherwise, it would be too. */
export function decisiveMembers(objects: Objects, name: string): ReadonlySet<string> {
  const object = objects[name];
  const members = object?.members ?? [];
  if (!object || members.length === 0) return new Set();
  if (object.expression === undefined) {
    // Of a threshold list those count that pull it to where it is.
    return new Set(members.filter(({ state }) => state === object.state).map((m) => m.object));
  }
  const parsed = parseBoolean(object.expression);
  if (!parsed.ok) return new Set();
  const isUp = (member: string): boolean => objects[member]?.state === "up";
  return new Set(deciding(parsed.value, isUp));
}

function deciding(tree: BooleanExpression, isUp: (name: string) => boolean): readonly string[] {
  switch (tree.kind) {
    case "object":
      return [tree.object];
    case "not":
      return deciding(tree.term, isUp);
    case "and":
    case "or": {
      const value = isTrue(tree, isUp);
      // `and` is false by its false terms, `or` true by its true ones; else all of them are needed.
      return tree.terms
        .filter((term) => isTrue(term, isUp) === value)
        .flatMap((term) => deciding(term, isUp));
    }
  }
}

function isTrue(tree: BooleanExpression, isUp: (name: string) => boolean): boolean {
  switch (tree.kind) {
    case "object":
      return isUp(tree.object);
    case "not":
      return !isTrue(tree.term, isUp);
    case "and":
      return tree.terms.every((term) => isTrue(term, isUp));
    case "or":
      return tree.terms.some((term) => isTrue(term, isUp));
  }
}

function nodeOf(
  objects: Objects,
  name: string,
  isDecisive: boolean,
  above: ReadonlySet<string>,
): TrackNode | undefined {
  const object = objects[name];
  if (!object || above.has(name)) return undefined;
  const decisive = decisiveMembers(objects, name);
  const within = new Set([...above, name]);
  const children = (object.members ?? []).flatMap((member) => {
    const node = nodeOf(objects, member.object, decisive.has(member.object), within);
    if (!node) return [];
    return [member.weight === undefined ? node : { ...node, weight: member.weight }];
  });
  return { name, object, isDecisive, children };
}

/** Objects that a list wants to be down: `not maintenance`. */
export function negatedObjects(objects: Objects): ReadonlySet<string> {
  const found = Object.values(objects).flatMap(({ expression }) => {
    const parsed = expression === undefined ? undefined : parseBoolean(expression);
    return parsed?.ok ? negated(parsed.value, false) : [];
  });
  return new Set(found);
}

function negated(tree: BooleanExpression, isInverse: boolean): readonly string[] {
  if (tree.kind === "object") return isInverse ? [tree.object] : [];
  if (tree.kind === "not") return negated(tree.term, !isInverse);
  return tree.terms.flatMap((term) => negated(term, isInverse));
}

/** Good is what is as it is wanted; a stub object that nobody names is neither. */
export function objectTone({ state, type }: TrackObjectState, isNegated: boolean): Tone {
  if (state === "up") return isNegated ? "bad" : "good";
  if (isNegated) return "good";
  return type === "stub-object" ? "calm" : "bad";
}

/** What a threshold list adds up to: `20 of 30, up from 20`; undefined for other objects. */
export function thresholdText({ threshold, members = [], parameter }: TrackObjectState) {
  if (!threshold) return undefined;
  const isWeight = members.some(({ weight }) => weight !== undefined);
  if (!isWeight && members.length === 0) return undefined;
  const amount = (list: typeof members): number =>
    list.reduce((sum, { weight }) => sum + (weight ?? 1), 0);
  const all = amount(members);
  const up = amount(members.filter(({ state }) => state === "up"));
  const value = isWeight ? `${up} of ${all}` : `${Math.round((up / Math.max(1, all)) * 100)} %`;
  const unit = isWeight ? "" : " %";
  const what = parameter?.includes("weight") ? "weight" : isWeight ? "weight" : "members up";
  return `${what} ${value}: up from ${threshold.up}${unit}, down at ${threshold.down}${unit}`;
}
