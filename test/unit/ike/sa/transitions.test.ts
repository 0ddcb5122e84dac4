import { expect, test } from "vitest";
import { handlers } from "#ike/exchange/handlers.ts";
import type { IkeSaStateName } from "#ike/sa/ike-sa-state.ts";
import {
  findTransition,
  transitionsAsMarkdown,
  unreachableTransitions,
} from "#ike/sa/transition-lookup.ts";
import { type PayloadName, type Transition, transitions } from "#ike/sa/transitions.ts";

const states: readonly IkeSaStateName[] = [
  "init-sent",
  "auth-sent",
  "established",
  "rekeying",
  "replaced",
  "deleting",
];

test("no row of the table is hidden by the rows above it", () => {
  expect(unreachableTransitions()).toEqual([]);
});

test("a row behind a more general one is found to be unreachable", () => {
  const general = transitions.at(-1) as Transition;
  const special: Transition = { ...general, required: ["Delete"] };
  expect(unreachableTransitions([general, special])).toEqual([special]);
  expect(unreachableTransitions([special, general])).toEqual([]);
});

test("a row is hidden only when every state and request of it is taken above", () => {
  const row = transitions.find(({ run }) => run === "acceptChild") as Transition;
  const oneKind: Transition = { ...row, operation: ["create-child"] };
  expect(unreachableTransitions([oneKind, row])).toEqual([]);
  expect(unreachableTransitions([row, oneKind])).toEqual([oneKind]);
});

test("every handler has a row", () => {
  const named = new Set(transitions.map(({ run }) => run));
  expect(Object.keys(handlers).filter((name) => !named.has(name as never))).toEqual([]);
});

test("every state but the closed one takes something and is left by something", () => {
  for (const state of states) {
    expect(transitions.some((row) => row.in.includes(state))).toBe(true);
    const leaves = transitions.some(
      (row) => row.in.includes(state) && row.to.some((next) => next !== state),
    );
    expect(leaves || state === "init-sent").toBe(true);
  }
  expect(transitions.some((row) => row.in.includes("closed"))).toBe(false);
});

test("a rekey of a child is told from a new child by N(REKEY_SA)", () => {
  const child: readonly PayloadName[] = ["SA", "Nonce", "TSi", "TSr"];
  const ask = (payloads: readonly PayloadName[], state: IkeSaStateName = "established") =>
    findTransition({
      state,
      role: "request",
      exchange: 36,
      operation: undefined,
      has: (name) => payloads.includes(name),
    })?.run;
  expect(ask([...child, "N(REKEY_SA)"])).toBe("answerChildRekey");
  expect(ask(child)).toBe("answerNewChild");
  expect(ask(["SA", "Nonce", "KE"])).toBe("answerIkeRekey");
  expect(ask(child, "rekeying")).toBe("answerNotNow");
  expect(ask(["SA", "Nonce", "KE"], "deleting")).toBe("answerNotNow");
  expect(ask(["Nonce"])).toBeUndefined();
  expect(ask(child, "auth-sent")).toBeUndefined();
});

test("an answer is read by what was asked", () => {
  const answer = (operation: "rekey-child" | "rekey-ike", state: IkeSaStateName) =>
    findTransition({
      state,
      role: "response",
      exchange: 36,
      operation,
      has: (name) => name === "N(TEMPORARY_FAILURE)",
    })?.run;
  expect(answer("rekey-child", "established")).toBe("retryChildLater");
  expect(answer("rekey-ike", "rekeying")).toBe("retryIkeRekeyLater");
  expect(answer("rekey-ike", "replaced")).toBeUndefined();
});

test("the table prints one line a row", () => {
  const lines = transitionsAsMarkdown().trim().split("\n");
  expect(lines).toHaveLength(transitions.length + 2);
  expect(lines[2]).toContain("answerCookie");
});
