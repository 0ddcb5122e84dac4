/** What is answered to a request. It reads only: a SetRequest is always refused. RFC 3416 §4.2 */
import type { Varbind } from "net-snmp";
import type { ManagedObjects } from "./objects.ts";
import { emptyVarbind, sizeOf, varbindOf } from "./varbinds.ts";

/** The part of a response that depends on the request. */
export interface Answer {
  readonly varbinds: readonly Varbind[];
  /** RFC 3416 §3; 0 is noError. */
  readonly errorStatus: number;
  readonly errorIndex: number;
}

export interface Question {
  readonly kind: "get" | "next" | "bulk" | "set";
  readonly varbinds: readonly Varbind[];
  readonly nonRepeaters: number;
  readonly maxRepetitions: number;
}

const [TOO_BIG, NOT_WRITABLE] = [1, 17];
/** Variables of one request; a manager that asks for more gets tooBig. */
const MOST_VARIABLES = 64;
/** RFC 3416 §4.2.3: fewer repetitions may be answered than were asked for. */
const MOST_REPETITIONS = 100;
/** A response goes into one packet of an Ethernet, whatever the manager would take. */
const RESPONSE_SIZE = 1300;

/** Answers a request from the objects of this moment. Work and size are bounded whatever is asked. */
export function answer(question: Question, objects: ManagedObjects): Answer {
  const { kind, varbinds } = question;
  if (kind === "set") return refusal(varbinds, NOT_WRITABLE, Math.min(1, varbinds.length));
  if (varbinds.length > MOST_VARIABLES) return refusal([], TOO_BIG, 0);
  if (kind === "bulk") return fine(bulk(question, objects));
  const found = varbinds.map(({ oid }) =>
    kind === "get" ? exactly(oid, objects) : next(oid, objects),
  );
  const size = found.reduce((total, one) => total + sizeOf(one), 0);
  return size > RESPONSE_SIZE * 4 ? refusal([], TOO_BIG, 0) : fine(found);
}

const fine = (varbinds: readonly Varbind[]): Answer => ({
  varbinds,
  errorStatus: 0,
  errorIndex: 0,
});

function refusal(varbinds: readonly Varbind[], errorStatus: number, errorIndex: number): Answer {
  return { varbinds, errorStatus, errorIndex };
}

function exactly(oid: string, objects: ManagedObjects): Varbind {
  const found = objects.at(oid);
  if (found) return varbindOf(found);
  const parent = oid.slice(0, Math.max(0, oid.lastIndexOf(".")));
  const hasSiblings = objects.after(parent)?.oid.startsWith(`${parent}.`) ?? false;
  return emptyVarbind(oid, hasSiblings ? "NoSuchInstance" : "NoSuchObject");
}

function next(oid: string, objects: ManagedObjects): Varbind {
  const found = objects.after(oid);
  return found ? varbindOf(found) : emptyVarbind(oid, "EndOfMibView");
}

function bulk(
  { varbinds, nonRepeaters, maxRepetitions }: Question,
  objects: ManagedObjects,
): readonly Varbind[] {
  const singles = Math.max(0, Math.min(nonRepeaters, varbinds.length));
  const found = varbinds.slice(0, singles).map(({ oid }) => next(oid, objects));
  let size = found.reduce((total, one) => total + sizeOf(one), 0);
  let at = varbinds.slice(singles).map(({ oid }) => oid);
  for (let turn = 0; turn < Math.min(maxRepetitions, MOST_REPETITIONS) && at.length > 0; turn++) {
    const round = at.map((oid) => next(oid, objects));
    size += round.reduce((total, one) => total + sizeOf(one), 0);
    if (size > RESPONSE_SIZE && found.length > 0) break;
    found.push(...round);
    if (round.every((one) => one.value === null)) break;
    at = round.map(({ oid }) => oid);
  }
  return found;
}
