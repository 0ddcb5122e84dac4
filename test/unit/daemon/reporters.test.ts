import { expect, test } from "vitest";
import type { ResolvedConfig } from "#config/resolved.ts";
import { Reporters } from "#daemon/reporters.ts";
import type { Log } from "#lib/log.ts";
import type { ReporterContext, ReporterKind } from "#telemetry/reporter.ts";

function setUp(start?: () => Promise<never>) {
  const said: string[] = [];
  const log: Log = {
    error: (text) => void said.push(`error ${String(text)}`),
    warn: () => {},
    info: () => {},
    debug: () => {},
    with: () => log,
  };
  const kind: ReporterKind = {
    name: "crier",
    section: (config) => (config.hostname === "nobody" ? undefined : { name: config.hostname }),
    start:
      start ??
      ((section) => {
        const { name } = section as { name: string };
        said.push(`begins as ${name}`);
        const close = () => Promise.resolve(void said.push(`ends as ${name}`));
        return Promise.resolve({ close });
      }),
  };
  return { said, reporters: new Reporters([kind], { log } as ReporterContext) };
}

const config = (hostname: string) => ({ hostname }) as ResolvedConfig;

test("a reporter is begun anew only when its part of the configuration changed", async () => {
  const { said, reporters } = setUp();
  await reporters.configure(config("a"));
  await reporters.configure(config("a"));
  await reporters.configure(config("b"));
  await reporters.configure(config("nobody"));
  expect(said).toEqual(["begins as a", "ends as a", "begins as b", "ends as b"]);
});

test("changes that come at once are made one after the other", async () => {
  const { said, reporters } = setUp();
  await Promise.all([
    reporters.configure(config("a")),
    reporters.configure(config("b")),
    reporters.close(),
  ]);
  expect(said).toEqual(["begins as a", "ends as a", "begins as b", "ends as b"]);
});

test("a reporter that can't start is an error in the log, and the daemon goes on", async () => {
  const { said, reporters } = setUp(() => Promise.reject(new Error("no such port")));
  await reporters.configure(config("a"));
  await reporters.close();
  expect(said).toEqual(["error crier: no such port"]);
});
