/** Track objects. One without an equivalent becomes a stub that is up, so that it holds nothing back. IOS: track N */
import { parsePrefix } from "#lib/ip.ts";
import { prefixFromMask } from "./masks.ts";
import { idOf, type Section, sectionsOf, valueIn } from "./read-sections.ts";
import { translateSla } from "./translate-sla.ts";
import { carriedNumber, lineOf, linesOf, type Work } from "./work.ts";

const ids = [
  "track-interface",
  "track-route",
  "track-sla",
  "track-boolean",
  "track-threshold",
  "track-stub",
  "track-other",
] as const;

type Value = Record<string, unknown>;

/** Puts every track object of the router into the draft. */
export function translateTracks(work: Work): void {
  const sections = new Map(
    sectionsOf(work.roots, ...ids).map((each) => [valueIn(each, "number"), each]),
  );
  for (const [number, section] of sections) {
    const value = testOf(work, section, sections);
    if (value) work.ledger.carried(section);
    const delay = delayOf(work, section);
    const test = value ?? { stub: "up" };
    const notes = value
      ? []
      : ["has no equivalent: a stub that is up, so that it holds nothing back"];
    work.draft.track.set(number, { value: { ...test, ...delay }, from: [section], notes });
  }
}

/** What the object looks at; undefined after telling the ledger that it has no equivalent. */
function testOf(
  work: Work,
  section: Section,
  all: ReadonlyMap<string, Section>,
): Value | undefined {
  switch (idOf(section)) {
    case "track-interface":
      return interfaceTest(work, section);
    case "track-route":
      return routeTest(work, section);
    case "track-sla": {
      const sla = translateSla(work, valueIn(section, "sla"));
      const check = valueIn(section, "check");
      if (sla === undefined)
        work.ledger.left(
          section,
          "its probe has no equivalent: it becomes a stub object that is up",
        );
      return sla === undefined ? undefined : { sla: Number(sla), check: check || "state" };
    }
    case "track-boolean":
      return booleanTest(work, section, all);
    case "track-threshold":
      return thresholdTest(work, section, all);
    case "track-stub": {
      const line = lineOf(section, "default");
      work.ledger.carried(line);
      return { stub: line ? valueIn(line, "state") : "down" };
    }
    default:
      work.ledger.left(
        section,
        "objects of this kind have no equivalent: it becomes a stub object that is up",
      );
      return undefined;
  }
}

function interfaceTest(work: Work, section: Section): Value | undefined {
  const check = valueIn(section, "check").toLowerCase().replace(/\s+/, "-");
  if (!["line-protocol", "ip-routing", "ipv6-routing"].includes(check)) {
    work.ledger.left(
      section,
      "looks at something that has no equivalent: it becomes a stub object that is up",
    );
    return undefined;
  }
  return { interface: work.names.nameOf(valueIn(section, "interface")), check };
}

/** `10.0.0.0 255.0.0.0 reachability`, `10.0.0.0/8 metric threshold` */
function routeTest(work: Work, section: Section): Value | undefined {
  const match = /^(\S+)(?:\s+(\d+\.\d+\.\d+\.\d+))?\s+(reachability|metric\s+threshold)$/i.exec(
    valueIn(section, "prefix"),
  );
  const [, address = "", mask, check = ""] = match ?? [];
  const route = mask === undefined ? parsePrefix(address) : prefixFromMask(address, mask);
  if (!route || !address.includes("/") === (mask === undefined)) {
    work.ledger.left(section, "its prefix can't be read: it becomes a stub object that is up");
    return undefined;
  }
  if (/^reach/i.test(check)) return { route, check: "reachability" };
  const line = linesOf(section, "threshold").find((each) => valueIn(each, "kind") === "metric");
  const up = carriedNumber(work, line, "up", [0, 254]) ?? 254;
  const down = carriedNumber(work, line, "down", [2, 255]) ?? 255;
  if (up < down) return { route, "metric-threshold": { up, down } };
  if (line) work.ledger.left(line, "up is not below down: the defaults are used");
  return { route, "metric-threshold": { up: 254, down: 255 } };
}

/** Members that exist; IOS takes one that does not for down. */
function membersOf(
  work: Work,
  section: Section,
  all: ReadonlyMap<string, Section>,
): readonly Section[] {
  return linesOf(section, "object", "weight").filter((line) => {
    const object = valueIn(line, "object");
    const isKnown = all.has(object) && object !== valueIn(section, "number");
    if (isKnown) work.ledger.carried(line);
    else work.ledger.left(line, `there is no track object ${object}`);
    return isKnown;
  });
}

function booleanTest(
  work: Work,
  section: Section,
  all: ReadonlyMap<string, Section>,
): Value | undefined {
  const members = membersOf(work, section, all);
  if (members.length === 0) {
    work.ledger.left(section, "has no members: it becomes a stub object that is up");
    return undefined;
  }
  const terms = members.map(
    (line) => `${"+not" in (line.match?.values ?? {}) ? "not " : ""}${valueIn(line, "object")}`,
  );
  return { boolean: terms.join(` ${valueIn(section, "word")} `) };
}

function thresholdTest(
  work: Work,
  section: Section,
  all: ReadonlyMap<string, Section>,
): Value | undefined {
  const members = membersOf(work, section, all);
  const kind = valueIn(section, "kind");
  const line = linesOf(section, "threshold").find((each) => valueIn(each, "kind") === kind);
  const most = kind === "weight" ? 255 : 100;
  const up = carriedNumber(work, line, "up", [1, most]);
  const down = carriedNumber(work, line, "down", [0, most]);
  if (members.length === 0 || up === undefined || (down !== undefined && down >= up)) {
    work.ledger.left(section, "says not when it is up: it becomes a stub object that is up");
    return undefined;
  }
  const band = { up, ...(down !== undefined && { down }) };
  const objects = [...new Set(members.map((each) => Number(valueIn(each, "object"))))];
  if (kind === "percentage") return { threshold: { percentage: { objects, ...band } } };
  const weight = new Map(members.map((each) => [valueIn(each, "object"), weightOf(work, each)]));
  return { threshold: { weight: Object.fromEntries(weight), ...band } };
}

/** IOS gives a member without a weight 10. Unconfirmed, see reference/flexvpn-client.md 2.1 */
const weightOf = (work: Work, line: Section): number =>
  carriedNumber(work, line, "weight", [1, 255]) ?? 10;

function delayOf(work: Work, section: Section): Value {
  const line = lineOf(section, "delay");
  const up = carriedNumber(work, line, "up", [0, 3600]);
  const down = carriedNumber(work, line, "down", [0, 3600]);
  if (up === undefined && down === undefined) return {};
  return {
    delay: {
      ...(up !== undefined && { up: `${up}s` }),
      ...(down !== undefined && { down: `${down}s` }),
    },
  };
}

/**
 * The reference to a track object from another part of the file.
 * @returns undefined after telling the ledger that there is none.
 */
export function trackReference(work: Work, line: Section): number | undefined {
  const number = valueIn(line, "track");
  if (number === "") return undefined;
  if (work.draft.track.has(number)) return Number(number);
  work.ledger.left(line, `carried over without its track object: there is no track ${number}`);
  return undefined;
}
