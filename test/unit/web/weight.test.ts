import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { buildPage } from "../../../tools/bundle-page.ts";

/** A phone on the LAN has the page within a second when it weighs no more. */
const MOST = 80 * 1_024;

async function built() {
  const folder = mkdtempSync(path.join(tmpdir(), "flexspoke-page-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return (await buildPage(folder)).content;
}

test("the whole page weighs 80 KB or less on its way", async () => {
  const files = Object.values(await built());
  const weight = files.reduce((sum, text) => sum + Buffer.from(text, "base64").length, 0);
  expect(files.length).toBeGreaterThanOrEqual(5);
  expect(weight).toBeGreaterThan(20_000);
  expect(weight).toBeLessThanOrEqual(MOST);
}, 60_000);

test("nothing in it is loaded from elsewhere, and nothing is inline", async () => {
  const page = await built();
  const text = (ending: string) =>
    Object.entries(page)
      .filter(([name]) => name.endsWith(ending))
      .map(([, content]) => gunzipSync(Buffer.from(content, "base64")).toString())
      .join("\n");
  expect(text(".html")).not.toMatch(
    /<style|style=|<script(?![^>]*src="\/)|(src|href)="(?!\/[\w-])/,
  );
  expect(text(".css")).not.toMatch(/url\(|@import/);
  const addresses = text(".js").match(/https?:\/\/[^"'`\s]+/g) ?? [];
  expect(addresses.filter((url) => !url.startsWith("http://www.w3.org/"))).toEqual([]);
}, 60_000);
