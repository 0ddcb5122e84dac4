/**
 * Asks the transition table: which row takes a message, which row never can, and how the table prints. RFC 7296 §1.2 to §1.4.
 */
import { ExchangeType } from "../message/iana.ts";
import type { IkeSaStateName } from "./ike-sa-state.ts";
import type { OperationKind } from "./operation.ts";
import { type MessageRole, type PayloadName, type Transition, transitions } from "./transitions.ts";

/** What a message brings to the table. */
export interface Arrival {
  readonly state: IkeSaStateName;
  readonly role: MessageRole;
  readonly exchange: number;
  /** For responses: what the request was. */
  readonly operation: OperationKind | undefined;
  readonly has: (name: PayloadName) => boolean;
}

/** The row that takes the message; undefined when none does and it is to be dropped. */
export function findTransition(arrival: Arrival): Transition | undefined {
  return transitions.find(
    (row) =>
      ExchangeType[row.exchange] === arrival.exchange &&
      row.role === arrival.role &&
      row.in.includes(arrival.state) &&
      (!row.operation ||
        (arrival.operation !== undefined && row.operation.includes(arrival.operation))) &&
      row.required.every(arrival.has),
  );
}

/** Rows that no message can reach, because rows above take all of theirs; empty when the table is sound. */
export function unreachableTransitions(
  rows: readonly Transition[] = transitions,
): readonly Transition[] {
  return rows.filter((row, index) => {
    const above = rows.slice(0, index).filter((other) => shadows(other, row));
    return row.in.every((state) =>
      (row.operation ?? [undefined]).every((operation) =>
        above.some(
          (other) =>
            other.in.includes(state) &&
            (!other.operation || (operation !== undefined && other.operation.includes(operation))),
        ),
      ),
    );
  });
}

/** The table as Markdown, for the documentation. */
export function transitionsAsMarkdown(): string {
  const lines = transitions.map((row) =>
    [
      row.in.join(", "),
      row.exchange,
      row.role,
      row.operation?.join(", ") ?? "any",
      row.required.join(" ") || "none",
      row.optional.join(" ") || "none",
      row.to.join(", "),
      row.run,
    ].join(" | "),
  );
  return [
    "| in | exchange | message | to our | required | optional | to | run |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...lines.map((line) => `| ${line} |`),
    "",
  ].join("\n");
}

function shadows(other: Transition, row: Transition): boolean {
  return (
    other.role === row.role &&
    other.exchange === row.exchange &&
    other.required.every((name) => row.required.includes(name))
  );
}
