import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { importIos } from "#config/ios/import-ios.ts";
import { check } from "./branch-files.ts";
import { corpus, corpusText, filesBeside, importCorpus } from "./ios-corpus.ts";

vi.setConfig({ testTimeout: 60_000 });

test("the corpus has the running-configs that the field has", () => {
  expect(corpus.length).toBeGreaterThanOrEqual(12);
});

test.each(corpus)("%s: the result is valid once the files to be typed in are there", (name) => {
  const imported = importCorpus(name);
  expect(imported.clients).toBeGreaterThan(0);
  const { errors, warnings } = check(imported.yaml, { files: filesBeside(imported) });
  expect(errors).toEqual([]);
  expect(warnings.filter((warning) => !/no other client|own certificate/.test(warning))).toEqual(
    [],
  );
});

test.each(corpus)("%s: every line is carried over, named, or no configuration", (name) => {
  const { verdicts, remarks } = importCorpus(name);
  expectVerdicts(corpusText(name), verdicts, remarks);
});

function expectVerdicts(
  text: string,
  verdicts: ReturnType<typeof importIos>["verdicts"],
  remarks: ReturnType<typeof importIos>["remarks"],
): void {
  const lines = (text.includes("\n") ? text.split("\n") : text.split("\r")).map((line) =>
    line.trim(),
  );
  if (lines.at(-1) === "") lines.pop();
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    const verdict = verdicts.get(number);
    expect(verdict, `line ${number}: ${line}`).toBeDefined();
    const isNamed = remarks.some(({ from, to }) => from <= number && number <= to);
    if (verdict?.kind === "left") expect(isNamed, `line ${number}: ${line}`).toBe(true);
  }
}

/** Words that lines are made of, so that some of them mean something. */
const words = [
  ...new Set(
    corpus.flatMap((name) =>
      corpusText(name)
        .split(/\s+/)
        .filter((word) => word !== ""),
    ),
  ),
];
const word = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 }));
const someLine = fc
  .tuple(fc.nat(3), fc.array(word, { minLength: 0, maxLength: 7 }))
  .map(([indent, parts]) => `${" ".repeat(indent)}${parts.join(" ")}`);
const realLine = fc.constantFrom(...corpus.flatMap((name) => corpusText(name).split("\n")));

test("arbitrary lines crash nothing, and each has a verdict", () => {
  const lines = fc.array(fc.oneof(someLine, realLine), { maxLength: 40 });
  fc.assert(
    fc.property(lines, (all) => {
      const text = all.join("\n");
      const imported = importIos(text, { source: "any" });
      expectVerdicts(text, imported.verdicts, imported.remarks);
    }),
    { numRuns: 300, seed: 7 },
  );
});

const withoutComments = (yaml: string) =>
  yaml
    .split("\n")
    .filter((line) => !line.trim().startsWith("#"))
    .map((line) => line.replace(/ # line \d+$/, ""))
    .join("\n");

test.each([
  ["no-indentation.cfg", "dual-hub-tracks.cfg"],
  ["broken-indentation.cfg", "single-hub-psk.cfg"],
  ["terminal-paging.cfg", "cellular-dial-backup.cfg"],
  ["crlf.cfg", "dual-wan-source-tracks.cfg"],
])("%s means the same as %s", (spoilt, original) => {
  expect(withoutComments(importCorpus(spoilt).yaml)).toBe(
    withoutComments(importCorpus(original).yaml),
  );
});

test("IOS leaves a session with a lesser peer where it is, unless told peer reactivate", () => {
  expect(importCorpus("single-hub-psk.cfg").yaml).toContain("peer-reactivate: false");
  expect(importCorpus("dual-hub-tracks.cfg").yaml).toContain("peer-reactivate: true");
});

test("a dial backup keeps its condition, its line and its own profile", () => {
  const { yaml } = importCorpus("cellular-dial-backup.cfg");
  expect(yaml).toContain("connect: { track: 1, state: down }");
  expect(yaml).toContain("modem-manager: { apn: internet.example }");
  expect(yaml).toContain("dialer: cellular0-2-0");
  expect(yaml).toContain("demand: { track: always, state: up }");
});

test("hubs with keys of their own become clients that stand back for those before them", () => {
  const { yaml } = importCorpus("keyring-per-peer.cfg");
  expect(yaml).toContain("connect: { track: Tunnel1-up, state: down }");
  expect(yaml).toContain("boolean: Tunnel1-up or Tunnel1-2-up");
  expect(yaml).toContain("connect: { track: Tunnel1-2-or-before, state: down }");
});

test("the certificate of the hub's authority is taken out of the configuration", () => {
  const { certificates, missing } = importCorpus("certificates.cfg");
  expect([...certificates.keys()]).toEqual(["pki/HUBCA-ca.pem"]);
  expect(missing.map(({ path }) => path).sort()).toEqual([
    "pki/CORP-ca.pem",
    "pki/CORP.key",
    "pki/CORP.pem",
  ]);
});

test("a command that is taken back later is not carried over, and both lines say so", () => {
  const { remarks } = importCorpus("unknown-lines.cfg");
  expect(remarks).toContainEqual(
    expect.objectContaining({ from: 38, reason: "is taken back by line 40" }),
  );
  expect(remarks).toContainEqual(
    expect.objectContaining({ from: 40, reason: "takes back line 38" }),
  );
});

test("what stands in a banner is no configuration", () => {
  const { remarks, yaml } = importCorpus("single-hub-psk.cfg");
  expect(yaml).not.toContain("Tunnel9");
  expect(remarks).toContainEqual(expect.objectContaining({ from: 118, to: 121 }));
});

test("GRE is named, and goes over as a tunnel that this version has", () => {
  const { remarks, yaml } = importCorpus("gre-mode.cfg");
  expect(yaml).toContain("mode: ipsec");
  expect(remarks.find(({ from }) => from === 20)?.reason).toContain(
    "GRE is not supported by this version",
  );
});

test("a running-config with lines left out, repeated and mixed up gives a valid file all the same", () => {
  const spoil = fc.record({
    name: fc.constantFrom(...corpus),
    gone: fc.array(fc.nat(200), { maxLength: 6 }),
    twice: fc.array(fc.nat(200), { maxLength: 4 }),
    strange: fc.array(fc.tuple(fc.nat(200), realLine), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(spoil, ({ name, gone, twice, strange }) => {
      const lines = corpusText(name).split("\n");
      const mixed = lines.flatMap((line, index) => {
        const more = strange.filter(([at]) => at === index).map(([, text]) => text);
        return [
          ...(gone.includes(index) ? [] : [line]),
          ...(twice.includes(index) ? [line] : []),
          ...more,
        ];
      });
      const imported = importIos(mixed.join("\n"), { source: name });
      const { errors } = check(imported.yaml, { files: filesBeside(imported) });
      expect(errors, mixed.join("\n")).toEqual([]);
    }),
    { numRuns: 400, seed: 21 },
  );
});
