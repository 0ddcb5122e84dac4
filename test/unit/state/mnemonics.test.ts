import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { Counters } from "#state/counters.ts";
import { mnemonics } from "#state/mnemonics.ts";

/** RFC 5424 §6.2.1 */
const severities = [
  "emergency",
  "alert",
  "critical",
  "error",
  "warning",
  "notice",
  "informational",
  "debug",
];

test.each(Object.entries(mnemonics))(
  "%s carries the number of its severity",
  (name, { severity, meaning }) => {
    const [, digit] = /^[A-Z0-9_]+-(\d)-[A-Z0-9_]+$/.exec(name) ?? [];

    expect(severities[Number(digit)]).toBe(severity);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  },
);

test("events are counted by mnemonic, other things by name, and shown in order", () => {
  const counters = new Counters();
  const event = {
    id: 1,
    time: "",
    uptime: 0,
    severity: "notice",
    mnemonic: "FLEXSPOKE-5-TEST",
    message: "",
    data: {},
  };
  counters.countEvent(event);
  counters.countEvent(event);
  counters.add("ike.datagrams-in", 3);
  counters.add("a");

  expect(Object.entries(counters.all())).toEqual([
    ["FLEXSPOKE-5-TEST", 2],
    ["a", 1],
    ["ike.datagrams-in", 3],
  ]);
});

test("every mnemonic that the firmware uses is in the table", () => {
  const folder = path.resolve(import.meta.dirname, "../../../firmware");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const used = files
    .filter((file) => file.endsWith(".ts"))
    .flatMap(
      (file) =>
        readFileSync(path.join(folder, file), "utf8").match(/"[A-Z0-9_]+-\d-[A-Z0-9_]+"/g) ?? [],
    )
    .map((quoted) => quoted.slice(1, -1));

  expect(used.length).toBeGreaterThan(20);
  expect(used.filter((name) => !(name in mnemonics))).toEqual([]);
});
