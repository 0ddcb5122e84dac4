/** How transactions get to `nft`, whose releases read their input in different ways. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runTransaction } from "#linux/nft/nft-program.ts";

let folder: string;
const before = process.env["PATH"];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nft-program-"));
  process.env["PATH"] = `${folder}:${before}`;
});
afterEach(() => {
  process.env["PATH"] = before;
  rmSync(folder, { recursive: true });
});

test.each([
  ["opens its input anew, as nft 1.0 does", "cat /dev/stdin"],
  ["reads on from where its input stands, as nft 1.1 does", "cat"],
])("the whole transaction reaches an nft that %s", async (_way, read) => {
  const program = path.join(folder, "nft");
  writeFileSync(program, `#!/bin/sh\n${read} >${folder}/got\n`);
  chmodSync(program, 0o755);
  const add = { add: { table: { family: "inet", name: "example" } } };

  expect(await runTransaction("add a table", [add])).toEqual({ ok: true, value: undefined });

  expect(JSON.parse(readFileSync(`${folder}/got`, "utf8"))).toEqual({ nftables: [add] });
});
