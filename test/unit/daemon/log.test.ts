import { expect, test } from "vitest";
import { openLog } from "#daemon/log.ts";
import { SecretText } from "#lib/secret.ts";

test("a text line carries time, severity, text and the fields of its context", async () => {
  const lines: string[] = [];
  const log = await openLog({ level: "info", format: "text", write: (line) => lines.push(line) });
  log.with({ client: "hq" }).info("session up", { peer: "203.0.113.2", reason: "no address" });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^\d{4}-.*Z info session up client=hq peer=203.0.113.2 reason="no address"$/,
  );
});

test("a JSON line parses and holds the same", async () => {
  const lines: string[] = [];
  const log = await openLog({ level: "info", format: "json", write: (line) => lines.push(line) });
  log.with({ client: "hq" }).warn(() => "late", { seconds: 3 });
  expect(JSON.parse(lines[0]!)).toMatchObject({ client: "hq", seconds: 3, msg: "late" });
});

test.each(["text", "json"] as const)(
  "below its level a %s log does not even make the text",
  async (format) => {
    const log = await openLog({ level: "info", format, write: () => expect.unreachable() });
    log.debug(() => expect.unreachable() as never);
  },
);

test.each(["text", "json"] as const)("secrets stay masked in a %s log", async (format) => {
  const lines: string[] = [];
  const log = await openLog({ level: "debug", format, write: (line) => lines.push(line) });
  log.debug("key", {
    psk: new SecretText("planted-secret"),
    deep: { psk: new SecretText("planted-secret") },
  });
  expect(lines.join()).toContain("•••");
  expect(lines.join()).not.toContain("planted");
});
