import { expect, test } from "vitest";
import { renderResolved } from "#config/render.ts";
import { hours, milliseconds, seconds } from "#lib/duration.ts";
import { check, load, shortConfig, withLines } from "./branch-files.ts";

/** `shortConfig` with these track objects, one a line, from its last line on. */
const tracks = (...lines: readonly string[]): string =>
  withLines("end", ["track:", ...lines.map((line) => `  ${line}`)].join("\n"));

/** Errors with their lines counted from the line of `track:`, which is 0. */
function errorsOf(...lines: readonly string[]): readonly string[] {
  const text = tracks(...lines);
  const start = text.split("\n").indexOf("track:") + 1;
  return check(text).errors.map((error) =>
    error.replace(/^\d+/, (line) => String(Number(line) - start)),
  );
}

test("every kind of object is taken as the contract writes it", () => {
  const { resolved } = load(
    tracks(
      "wan0-up:   { interface: wan0, check: line-protocol, delay: { up: 5s, down: 0s } }",
      "wan0-ip:   { interface: wan0, check: ip-routing }",
      "default:   { route: 0.0.0.0/0, check: reachability }",
      "metric:    { route: 2001:db8::/32, metric-threshold: { up: 250, down: 255 } }",
      "primary:   { boolean: wan0-up and not maintenance }",
      "quorum:    { threshold: { weight: { wan0-up: 10, 10: 20 }, up: 20, down: 10 } }",
      "most:      { threshold: { percentage: { objects: [ wan0-up, 10 ], up: 51, down: 50 } } }",
      "maintenance: { stub: down }",
      "10:        { stub: up }",
      "custom:    { script: [checks/leased-line, -q], frequency: 1m }",
    ),
  );
  const none = { up: 0, down: 0 };
  expect(resolved.track).toEqual({
    "wan0-up": {
      name: "wan0-up",
      delay: { up: seconds(5), down: 0 },
      test: { kind: "interface", interface: "wan0", check: "line-protocol" },
    },
    "wan0-ip": {
      name: "wan0-ip",
      delay: none,
      test: { kind: "interface", interface: "wan0", check: "ip-routing" },
    },
    default: {
      name: "default",
      delay: none,
      test: { kind: "route", prefix: "0.0.0.0/0", check: "reachability" },
    },
    metric: {
      name: "metric",
      delay: none,
      test: {
        kind: "route",
        prefix: "2001:db8::/32",
        check: "metric-threshold",
        up: 250,
        down: 255,
      },
    },
    primary: {
      name: "primary",
      delay: none,
      test: {
        kind: "boolean",
        text: "wan0-up and not maintenance",
        expression: {
          kind: "and",
          terms: [
            { kind: "object", object: "wan0-up", at: 0 },
            { kind: "not", term: { kind: "object", object: "maintenance", at: 16 } },
          ],
        },
      },
    },
    quorum: {
      name: "quorum",
      delay: none,
      test: {
        kind: "weight",
        members: [
          { object: "10", weight: 20 },
          { object: "wan0-up", weight: 10 },
        ],
        up: 20,
        down: 10,
      },
    },
    most: {
      name: "most",
      delay: none,
      test: { kind: "percentage", objects: ["wan0-up", "10"], up: 51, down: 50 },
    },
    maintenance: { name: "maintenance", delay: none, test: { kind: "stub", initial: "down" } },
    "10": { name: "10", delay: none, test: { kind: "stub", initial: "up" } },
    custom: {
      name: "custom",
      delay: none,
      test: {
        kind: "script",
        argv: ["/etc/flexspoke/checks/leased-line", "-q"],
        frequency: seconds(60),
        timeout: seconds(10),
      },
    },
  });
});

test("what an object leaves out is filled in, and what comes out is a file again", () => {
  const { complete, resolved } = load(
    tracks(
      "i: { interface: wan0 }",
      "r: { route: 10.0.0.0/8 }",
      "m: { route: 10.0.0.0/8, check: metric-threshold }",
      "w: { threshold: { weight: { i: 3 }, up: 3 } }",
      "p: { threshold: { percentage: { objects: [ i ], up: 100 } } }",
      "s: { script: [ check ], frequency: 2s }",
    ),
  );
  expect(complete.track).toMatchObject({
    i: { check: "line-protocol", delay: { up: "0s", down: "0s" } },
    r: { check: "reachability" },
    m: { "metric-threshold": { up: 254, down: 255 } },
    w: { threshold: { up: 3, down: 2 } },
    p: { threshold: { percentage: { up: 100, down: 99 } } },
    s: { frequency: "2s", timeout: "2s" },
  });
  expect(resolved.track["s"]?.test).toMatchObject({ argv: ["check"] });
  expect(load(renderResolved(complete)).resolved.track).toEqual(resolved.track);
});

test("times are durations, and a delay has the longest that makes sense", () => {
  const { resolved } = load(tracks("a: { stub: up, delay: { up: 1m30s, down: 500ms } }"));
  expect(resolved.track["a"]?.delay).toEqual({ up: seconds(90), down: milliseconds(500) });
  expect(load(tracks("a: { stub: up, delay: { up: 1h } }")).resolved.track["a"]?.delay.up).toBe(
    hours(1),
  );
  expect(errorsOf("a: { stub: up, delay: { up: 61m } }")).toEqual([
    "1:31: track.a.delay.up: out of range (0ms to 1h)",
  ]);
});

test.each([
  [
    "a: {}",
    "1:6: track.a: not a track object (exactly one of interface, route, sla, boolean, threshold, stub, script)",
  ],
  [
    "a: { stub: up, interface: wan0 }",
    "1:6: track.a: not a track object (exactly one of interface, route, sla, boolean, threshold, stub, script)",
  ],
  ["a: { stub: on }", "1:14: track.a.stub: not one of the known values (one of up, down)"],
  [
    "a: { interface: wan0, check: state }",
    "1:6: track.a: check state does not belong to interface (line-protocol, ip-routing, ipv6-routing)",
  ],
  [
    "a: { stub: up, frequency: 30s }",
    "1:6: track.a: frequency does not belong to stub (it belongs to script)",
  ],
  [
    "a: { route: 10.0.0.0 }",
    "1:15: track.a.route: not a prefix (0.0.0.0/0, 10.1.0.0/16, 2001:db8::/32)",
  ],
  ["a: { route: 10.1.0.0/8 }", "1:15: track.a.route: not how the prefix is written (10.0.0.0/8)"],
  [
    "a: { route: 10.0.0.0/8, metric-threshold: { up: 40, down: 20 } }",
    "1:51: track.a.metric-threshold.up: not below down (low metrics are good: up 250, down 255)",
  ],
  [
    "a: { route: 10.0.0.0/8, check: reachability, metric-threshold: {} }",
    "1:6: track.a: reachability and metric-threshold are two checks (leave one out)",
  ],
  ["a: { script: [] }", "1:16: track.a.script: the list is empty (at least 1)"],
  [
    "a: { script: [ x ], frequency: 5s, timeout: 6s }",
    "1:47: track.a.timeout: longer than the frequency (at most 5s)",
  ],
  ["a: { threshold: {} }", "1:6: track.a: not a threshold (exactly one of weight and percentage)"],
  [
    "a: { threshold: { weight: { b: 1 } } }",
    "1:6: track.a: up is required with weight (the sum from which it is up)",
  ],
  ["a: { threshold: { weight: {}, up: 1 } }", "1:6: track.a: weight names no object (at least 1)"],
  [
    "a: { threshold: { weight: { b: 256 }, up: 1 } }",
    "1:34: track.a.threshold.weight.b: wrong kind of value (a whole number from 1 to 255)",
  ],
  [
    "a: { threshold: { percentage: { objects: [], up: 1 } } }",
    "1:44: track.a.threshold.percentage.objects: the list is empty (at least 1)",
  ],
  ["and: { stub: up }", "1:3: track.and: is a word of boolean expressions (choose another name)"],
])("%s is refused at its place", (line, error) => {
  expect(errorsOf(line)).toEqual([error]);
});

test.each([
  ["sla: hub", "1:13: track.a.sla: no sla operation has this name (none is configured)"],
  ["boolean: bb", "1:17: track.a.boolean: no track object has this name (did you mean b? a, b)"],
  [
    "threshold: { weight: { c: 1 }, up: 1 }",
    "1:31: track.a.threshold.weight.c: no track object has this name (did you mean a? a, b)",
  ],
  [
    "threshold: { percentage: { objects: [ b, 7 ], up: 1 } }",
    "1:49: track.a.threshold.percentage.objects[1]: no track object has this name (did you mean a? a, b)",
  ],
  [
    "threshold: { percentage: { objects: [ b, b ], up: 1 } }",
    "1:49: track.a.threshold.percentage.objects[1]: is in the list already (each object once)",
  ],
])("a reference in %s that names nothing is refused where it stands", (body, error) => {
  expect(errorsOf(`a: { ${body} }`, "b: { stub: up }")).toEqual([error]);
});

test.each([
  ["b and", 5, "ends too early (a name, not, or an opening parenthesis)"],
  ["and b", 0, "and stands in the place of a name, not, or an opening parenthesis"],
  ["b c", 2, "and or or is missing before c (a and b, a or b)"],
  ["b and (c or b", 6, "this parenthesis is not closed (add one)"],
  ["b and (c b)", 9, "and or or is missing before b"],
  ["b) or c", 1, "a closing parenthesis without an opening one (remove it)"],
  [
    "b and ()",
    7,
    "a closing parenthesis stands in the place of a name, not, or an opening parenthesis",
  ],
  [
    "b && c",
    2,
    "a sign that means nothing here (did you mean and? names, and, or, not, parentheses)",
  ],
  [
    "not !b",
    4,
    "a sign that means nothing here (did you mean not? names, and, or, not, parentheses)",
  ],
  ["(b ; c)", 3, "a sign that means nothing here (names, and, or, not, parentheses)"],
  [`${"(".repeat(40)}b${")".repeat(40)}`, 33, "nested too deeply (at most 32 levels)"],
])("the fault in the expression %s is told at its column", (text, at, message) => {
  const others = ["b: { stub: up }", "c: { stub: up }"];
  expect(errorsOf(`a: { boolean: '${text}' }`, ...others)).toEqual([
    `1:${18 + at}: track.a.boolean: ${message}`,
  ]);
});

test("the column is right however the file writes the expression", () => {
  const plain = "a: { boolean: b and x }";
  const quoted = 'a: { boolean: "b and x" }';
  const folded = "a:\n    boolean: b and\n      (b or x)";
  const block = "a:\n    boolean: |\n      b and\n      x";
  const escaped = 'a: { boolean: "b\\u0020and x" }';
  const places = [plain, quoted, folded, block, escaped].map(
    (text) => errorsOf("b: { stub: up }", text)[0]?.split(": ")[0],
  );
  expect(places).toEqual(["2:23", "2:24", "4:13", "5:7", "2:17"]);
});

test("a loop is refused where it closes, with the way round", () => {
  expect(
    errorsOf(
      "a: { boolean: b or c }",
      "b: { threshold: { weight: { d: 1 }, up: 1 } }",
      "c: { stub: up }",
      "d: { threshold: { percentage: { objects: [ c, a ], up: 1 } } }",
      "e: { boolean: not e }",
    ),
  ).toEqual([
    "4:49: track.d.threshold.percentage.objects[1]: is a loop: a > b > d > a (take one out)",
    "5:21: track.e.boolean: is a loop: e > e (take one out)",
  ]);
});

test("objects that are made of the same one are no loop", () => {
  expect(
    errorsOf(
      "a: { boolean: b and c }",
      "b: { boolean: d }",
      "c: { boolean: not d }",
      "d: { stub: up }",
    ),
  ).toEqual([]);
});

test("a long chain of objects is taken", () => {
  const chain = Array.from({ length: 1_000 }, (_, n) => `t${n + 1}: { boolean: t${n} }`);
  expect(errorsOf("t0: { stub: up }", ...chain)).toEqual([]);
});

const followed = `
track: { a: { stub: up }, 10: { stub: up } }
`;

test("a client follows objects by its peers, its sources and its connect mode; a number is a name", () => {
  const text = shortConfig
    .replace("{ fqdn: hub1.example.net }", "{ fqdn: hub1.example.net, track: 10, state: down }")
    .concat("    source: [ { interface: wan0, track: a } ]\n    connect: { track: a }\n", followed);
  expect(load(text).resolved.clients["hq"]).toMatchObject({
    connect: { object: "a", state: "up" },
    peers: [{ track: { object: "10", state: "down" } }, {}],
    sources: [{ track: { object: "a", state: "up" } }],
  });
});

test("an object that a client follows and that does not exist is refused where it is named", () => {
  const text = shortConfig
    .replace("{ fqdn: hub1.example.net }", "{ fqdn: hub1.example.net, seq: 90, track: x }")
    .concat("    source: [ { interface: wan0, track: y } ]\n    connect: { track: z }\n", followed);
  const places = check(text).errors.map((error) => error.replace(/^(\d+:\d+: \S+) .*/, "$1"));
  expect(places).toEqual([
    expect.stringMatching(/^8:\d+: clients\.hq\.peers\[0\]\.track:$/),
    expect.stringMatching(/^10:\d+: clients\.hq\.source\[0\]\.track:$/),
    expect.stringMatching(/^11:\d+: clients\.hq\.connect\.track:$/),
  ]);
});

test("a sum that the weights can't reach is warned of", () => {
  const { errors, warnings } = check(
    tracks(
      "a: { threshold: { weight: { b: 10, c: 20 }, up: 40 } }",
      "b: { stub: up }",
      "c: { stub: up }",
    ),
  );
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(/track\.a\.threshold\.up: the weights add up to 30, so .* never up/),
  ]);
});
