/** Boolean lists: the value of an expression and the members that make it so. Source: IOS track N list boolean. */
import type { BooleanExpression } from "#config/boolean-syntax.ts";
import type { Member, Members } from "./members.ts";
import type { Verdict } from "./verdict.ts";

/** A member as an explanation names it. */
interface Named extends Member {
  readonly name: string;
}

/** The value, and the members that explain it. */
export function judgeBoolean(expression: BooleanExpression, members: Members): Verdict {
  const isUp = holds(expression, members);
  const why = explain(expression, isUp, members);
  const names = [...new Map(why.map((each) => [each.name, each])).values()];
  const shown = names.slice(0, MOST_SHOWN).map(({ name, state }) => `${name} is ${state}`);
  const more = names.length > MOST_SHOWN ? ` and ${names.length - MOST_SHOWN} more` : "";
  const decidedBy = names[0]?.name;
  return {
    isUp,
    isKnown: isKnown(expression, members),
    reason: `${shown.join(", ")}${more}`,
    ...(decidedBy === undefined ? {} : { decidedBy }),
  };
}

function holds(expression: BooleanExpression, members: Members): boolean {
  switch (expression.kind) {
    case "object":
      return members(expression.object).state === "up";
    case "not":
      return !holds(expression.term, members);
    case "and":
      return expression.terms.every((term) => holds(term, members));
    case "or":
      return expression.terms.some((term) => holds(term, members));
  }
}

/** Members that make `expression` what it is. */
function explain(
  expression: BooleanExpression,
  value: boolean,
  members: Members,
): readonly Named[] {
  switch (expression.kind) {
    case "object":
      return [{ name: expression.object, ...members(expression.object) }];
    case "not":
      return explain(expression.term, !value, members);
    case "and":
    case "or": {
      const agreeing = expression.terms.filter((term) => holds(term, members) === value);
      // One term is enough for a true `or`; of a false `and` people want to know all that fail.
      const terms = expression.kind === "or" && value ? agreeing.slice(0, 1) : agreeing;
      return terms.flatMap((term) => explain(term, value, members));
    }
  }
}

function isKnown(expression: BooleanExpression, members: Members): boolean {
  switch (expression.kind) {
    case "object":
      return members(expression.object).isKnown;
    case "not":
      return isKnown(expression.term, members);
    case "and":
    case "or":
      return expression.terms.every((term) => isKnown(term, members));
  }
}

/** Members named in a reason. */
const MOST_SHOWN = 3;
