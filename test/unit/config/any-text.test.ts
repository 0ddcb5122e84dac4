import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { formatConfigError } from "#config/config-error.ts";
import { type LoadInput, loadConfig } from "#config/load.ts";
import { branchFiles, plantedSecret, pskFiles, shortConfig } from "./branch-files.ts";

/** Loads any text; fails the test when a fault points outside it, says nothing, or repeats the planted secret. */
function expectConfigOrErrors(text: string): void {
  const warnings: Parameters<NonNullable<LoadInput["onWarning"]>>[0][] = [];
  const loaded = loadConfig({
    path: "config.yaml",
    text,
    readFile: branchFiles({ ...pskFiles, "secrets/hq.psk": plantedSecret }),
    env: {},
    onWarning: (warning) => warnings.push(warning),
  });
  const faults = [...warnings, ...(loaded.ok ? [] : loaded.error)];
  if (!loaded.ok) expect(loaded.error.length).toBeGreaterThan(0);
  const lines = text.split("\n");
  for (const fault of faults) {
    const line = lines[fault.line - 1];
    expect(line, formatConfigError(fault)).toBeDefined();
    expect(fault.column).toBeGreaterThanOrEqual(1);
    expect(fault.column).toBeLessThanOrEqual((line?.length ?? 0) + 1);
    expect(fault.message).toMatch(/\S/);
    expect(formatConfigError(fault)).not.toContain("\n");
  }
}

/** Many runs each, on machines that do other work beside. */
vi.setConfig({ testTimeout: 60_000 });

const anyCodeUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));
const runs = { numRuns: 300, seed: 12 };

test("any text gives a configuration or errors that lie inside it", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCodeUnit, maxLength: 200 }), expectConfigOrErrors),
    runs,
  );
});

test("any text of YAML's own characters does", () => {
  const unit = fc.constantFrom(
    ..." \n\t:-[]{}&*!|>'\"%@`,?#~.\r\u0085\ufeffab01".split(""),
    "\n  ",
    "\n- ",
    ": ",
    "--- ",
    "<<: ",
  );
  fc.assert(fc.property(fc.string({ unit, maxLength: 60 }), expectConfigOrErrors), {
    ...runs,
    numRuns: 600,
  });
});

test("a valid configuration that was damaged anywhere does", () => {
  const damage = fc.tuple(fc.nat(shortConfig.length), fc.nat(12), fc.string({ maxLength: 6 }));
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
      let text = shortConfig;
      for (const [at, length, insert] of damages)
        text = text.slice(0, at) + insert + text.slice(at + length);
      expectConfigOrErrors(text);
    }),
    runs,
  );
});

const words = [
  "clients",
  "peers",
  "fqdn",
  "seq",
  "ikev2",
  "profiles",
  "local",
  "psk",
  "file",
  "pki",
  "trustpoints",
  "ca",
  "tunnels",
  "mtu",
  "web",
  "listen",
  "toString",
  "__proto__",
  "constructor",
  "*",
  "1",
];
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      null,
      true,
      7,
      -1,
      1.5,
      Number.NaN,
      "",
      "x",
      "10s",
      "auto",
      "fqdn:a",
      "127.0.0.1:80",
    ),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...words), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test("any data made of the file's own words does", () => {
  fc.assert(
    fc.property(values.value, (data) => expectConfigOrErrors(JSON.stringify(data, null, 1) ?? "")),
    { ...runs, numRuns: 600 },
  );
});

test.each([
  ["brackets", "[".repeat(20_000)],
  ["maps", `${"{a: ".repeat(5000)}1${"}".repeat(5000)}`],
  ["indentation", Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
  [
    "aliases of aliases",
    `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`).join("\n")}`,
  ],
  ["an alias of itself", "clients: &a { b: *a }"],
  ["size", "a".repeat(600_000)],
])("too much of %s is an error and takes no time", (_kind, text) => {
  expectConfigOrErrors(text);
});

test("a secret on any damaged line is never repeated", () => {
  const text = shortConfig.replaceAll("{ file: secrets/hq.psk }", `"${plantedSecret}"`);
  const damage = fc.tuple(fc.nat(text.length), fc.constantFrom(..."\"'{}[]:,*&!%@ \n"));
  fc.assert(
    fc.property(damage, ([at, insert]) => {
      const damaged = text.slice(0, at) + insert + text.slice(at);
      const loaded = loadConfig({ path: "c", text: damaged, readFile: branchFiles({}), env: {} });
      const printed = loaded.ok ? "" : loaded.error.map(formatConfigError).join("\n");
      // Broken off its key, a secret's text may stand where a name of the operator's belongs.
      if (!/unknown key/.test(printed)) expect(printed).not.toContain(plantedSecret);
    }),
    runs,
  );
});
