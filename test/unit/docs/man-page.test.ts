/** The man page is the commands', and nothing a formatter stumbles over. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { manPage } from "../../../tools/write-man.ts";

const file = path.resolve(import.meta.dirname, "../../../docs/flexspoke.8");
const hasMandoc = spawnSync("mandoc", ["-h"]).error === undefined;

test("docs/flexspoke.8 is what `node tools/write-man.ts` writes", () => {
  expect(readFileSync(file, "utf8")).toBe(manPage());
});

test.skipIf(!hasMandoc)("mandoc has nothing to say about it", () => {
  const { stdout, stderr, status } = spawnSync("mandoc", ["-Tlint", file], { encoding: "utf8" });
  expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
});

test.skipIf(!hasMandoc)("it reads as a manual: every command with its options", () => {
  const { stdout } = spawnSync("mandoc", ["-Tascii", "-Owidth=120", file], { encoding: "utf8" });
  const text = stdout.replaceAll(new RegExp(`.${"\x08"}`, "g"), "");
  expect(text).toMatch(/show crypto ikev2 sa detailed \[--json\]\n/);
  expect(text).toMatch(/rekey ike \| child client\n/);
  expect(text).toMatch(
    /--log-level level\n +Least severe line of the log: error, warn, info, debug/,
  );
});
