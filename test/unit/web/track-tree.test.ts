import { expect, test } from "vitest";
import type { TrackObjectState } from "#state/document-track.ts";
import {
  decisiveMembers,
  expressionPieces,
  negatedObjects,
  objectTone,
  thresholdText,
  trackTrees,
} from "#web/model/track-tree.ts";

const object = (state: "up" | "down", over: Partial<TrackObjectState> = {}): TrackObjectState => ({
  state,
  since: "2026-11-24T10:00:00.000Z",
  age: 0,
  changes: 0,
  reason: "",
  type: "interface",
  "tracked-by": [],
  ...over,
});

/** A boolean list over objects that are up where their name is in `up`. */
function list(expression: string, state: "up" | "down", up: readonly string[]) {
  const names = [...new Set(expression.match(/\b(?!and|or|not)\w+/g))];
  const members = names.map((name) => ({
    object: name,
    state: up.includes(name) ? ("up" as const) : ("down" as const),
  }));
  return {
    top: object(state, { type: "list", expression, members }),
    ...Object.fromEntries(members.map((member) => [member.object, object(member.state)])),
  };
}

const deciding = (expression: string, state: "up" | "down", ...up: string[]) => [
  ...decisiveMembers(list(expression, state, up), "top"),
];

test("a conjunction that is down is so by those of its members that are down", () => {
  expect(deciding("a and b and c", "down", "a")).toEqual(["b", "c"]);
});

test("a conjunction that is up needs all of its members", () => {
  expect(deciding("a and b", "up", "a", "b")).toEqual(["a", "b"]);
});

test("a disjunction that is up is so by those of its members that are up", () => {
  expect(deciding("a or b or c", "up", "b")).toEqual(["b"]);
});

test("within parentheses and under not the same holds", () => {
  expect(deciding("a and (b or c) and not d", "down", "a", "d")).toEqual(["b", "c", "d"]);
  expect(deciding("a and (b or c) and not d", "up", "a", "c")).toEqual(["a", "c", "d"]);
});

test("what a list wants down is good when it is down", () => {
  const objects = list("a and not d", "up", ["a"]);
  expect([...negatedObjects(objects)]).toEqual(["d"]);
  expect(objectTone(object("down"), true)).toBe("good");
  expect(objectTone(object("down"), false)).toBe("bad");
  expect(objectTone(object("down", { type: "stub-object" }), false)).toBe("calm");
});

test("an expression is shown as it is written, each name with its state", () => {
  const pieces = expressionPieces(list("a and (b or c)", "up", ["a", "c"]), "top");
  expect(pieces.map(({ text }) => text).join(" ")).toBe("a and ( b or c )");
  expect(pieces.find(({ text }) => text === "b")).toMatchObject({
    kind: "name",
    state: "down",
    isDecisive: false,
  });
});

test("only what no list holds stands at the top, with its members beneath", () => {
  const trees = trackTrees({ ...list("a and b", "down", ["a"]), alone: object("up") });
  expect(trees.map(({ name }) => name)).toEqual(["top", "alone"]);
  expect(trees[0]?.children.map(({ name, isDecisive }) => [name, isDecisive])).toEqual([
    ["a", false],
    ["b", true],
  ]);
});

test("lists that hold each other do not go round for ever", () => {
  const member = (name: string) => [{ object: name, state: "up" as const }];
  const objects = {
    top: object("up", { members: member("one") }),
    one: object("up", { members: member("two") }),
    two: object("up", { members: member("one") }),
  };
  expect(trackTrees(objects)[0]?.children[0]?.children[0]).toMatchObject({
    name: "two",
    children: [],
  });
});

test("a threshold list says what it adds up to", () => {
  const members = [
    { object: "a", state: "up" as const, weight: 30 },
    { object: "b", state: "down" as const, weight: 20 },
  ];
  expect(thresholdText(object("up", { members, threshold: { up: 20, down: 10 } }))).toBe(
    "weight 30 of 50: up from 20, down at 10",
  );
  const plain = members.map(({ weight: _, ...member }) => member);
  expect(thresholdText(object("up", { members: plain, threshold: { up: 51, down: 50 } }))).toBe(
    "members up 50 %: up from 51 %, down at 50 %",
  );
});
