import { expect, test } from "vitest";
import { decideIntake, type IntakeDecision } from "#intake/decide.ts";
import type { WallClock } from "#lib/duration.ts";
import { branchFiles, plantedSecret, shortConfig } from "../config/branch-files.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A card and a flash, as maps from paths to contents; flash holds what lies in /data/flexspoke. */
class Device {
  readonly card = new Map<string, Uint8Array>();
  readonly flash = new Map<string, Uint8Array>();

  put(files: Readonly<Record<string, string>>): this {
    for (const [name, text] of Object.entries(files)) this.card.set(name, bytes(text));
    return this;
  }

  decide(): IntakeDecision {
    const onFlash = [...this.flash].map(([name, text]) => [`/data/flexspoke/${name}`, { text }]);
    return decideIntake({
      partition: {
        files: [...this.card.keys()],
        read: (path) => this.card.get(path),
      },
      folder: "/data/flexspoke/",
      readFile: branchFiles(Object.fromEntries(onFlash)),
      env: {},
      now: Date.UTC(2026, 10, 24) as WallClock,
    });
  }

  /** Every single thing that a start does to card and flash, in its order. */
  steps(decision: IntakeDecision): readonly (() => void)[] {
    const written = decision.kind === "take" ? decision.files : [];
    return [
      ...written.map((file) => () => void this.flash.set(file.to, file.bytes)),
      ...decision.clear.flatMap((name) => [
        () => void this.card.set(name, new Uint8Array(this.card.get(name)?.length ?? 0)),
        () => void this.card.delete(name),
      ]),
    ];
  }

  start(): IntakeDecision {
    const decision = this.decide();
    for (const step of this.steps(decision)) step();
    return decision;
  }

  onFlash(name: string): string {
    return new TextDecoder().decode(this.flash.get(name));
  }
}

const branch = { "config.yaml": shortConfig, "secrets/hq.psk": `${plantedSecret}\n` };

test("a configuration and its secrets move to flash, and nothing of them stays on the card", () => {
  const device = new Device().put(branch);
  expect(device.start().kind).toBe("take");
  expect([...device.card.keys()]).toEqual([]);
  expect(device.onFlash("config.yaml")).toBe(shortConfig);
  expect(device.onFlash("secrets/hq.psk")).toBe(`${plantedSecret}\n`);
});

test("wherever power is cut, the next start ends with all of it on flash and none on the card", () => {
  const all = new Device().put(branch);
  const count = all.steps(all.decide()).length;
  for (let done = 0; done <= count; done++) {
    const device = new Device().put(branch);
    for (const step of device.steps(device.decide()).slice(0, done)) step();
    device.start();
    expect([...device.card.keys()], `cut after ${done} steps`).toEqual([]);
    expect(device.onFlash("config.yaml")).toBe(shortConfig);
    expect(device.onFlash("secrets/hq.psk")).toBe(`${plantedSecret}\n`);
    expect(device.start()).toEqual({ kind: "nothing", clear: [], hints: [] });
  }
});

test("an invalid configuration stays on the card, and what is wrong is told in the file's own lines", () => {
  const device = new Device().put({ ...branch, "config.yaml": `${shortConfig}colour: blue\n` });
  const before = new Map(device.card);
  const decision = device.start();
  expect(decision).toMatchObject({ kind: "refused" });
  expect(decision.kind === "refused" && decision.errors[0]).toMatch(/^config\.yaml:\d+:1: colour/);
  expect(device.card).toEqual(before);
  expect(device.flash.size).toBe(0);
});

test("a configuration without one of its secrets is refused, and the missing file is named", () => {
  const decision = new Device().put({ "config.yaml": shortConfig }).decide();
  expect(decision.kind === "refused" && decision.errors.join("\n")).toContain(
    "secrets/hq.psk does not exist",
  );
});

test("a configuration may use the secrets that were taken in before", () => {
  const device = new Device().put(branch);
  device.start();
  device.put({ "config.yaml": `${shortConfig}hostname: branch99\n` });
  expect(device.start().kind).toBe("take");
  expect(device.onFlash("config.yaml")).toContain("branch99");
});

test("a secret alone replaces the one that the configuration on flash names", () => {
  const device = new Device().put(branch);
  device.start();
  device.put({ "secrets/hq.psk": "another-one\n" });
  expect(device.start().kind).toBe("take");
  expect(device.onFlash("secrets/hq.psk")).toBe("another-one\n");
  expect([...device.card.keys()]).toEqual([]);
});

test("secrets without any configuration stay where they are and are told of", () => {
  const device = new Device().put({ "secrets/hq.psk": "waits\n" });
  expect(device.start()).toEqual({
    kind: "nothing",
    clear: [],
    hints: ["secrets wait for a config.yaml beside them"],
  });
  expect(device.card.has("secrets/hq.psk")).toBe(true);
});

test("names are found as FAT finds them, whatever their case", () => {
  const device = new Device().put({ "CONFIG.YAML": shortConfig, "SECRETS/HQ.PSK": plantedSecret });
  expect(device.start().kind).toBe("take");
  expect([...device.flash.keys()].sort()).toEqual(["config.yaml", "secrets/hq.psk"]);
  expect([...device.card.keys()]).toEqual([]);
});

test("what Windows makes of a text, a byte order mark and its line ends, is understood", () => {
  const text = `\uFEFF${shortConfig.replaceAll("\n", "\r\n")}`;
  expect(new Device().put({ ...branch, "config.yaml": text }).decide().kind).toBe("take");
});

test("a text in UTF-16 is refused with a word on how to save it", () => {
  const device = new Device().put(branch);
  device.card.set("config.yaml", new Uint8Array([0xff, 0xfe, 0x61, 0x00]));
  expect(device.decide()).toMatchObject({
    kind: "refused",
    errors: [expect.stringContaining("save it again as UTF-8")],
  });
});

test("a file with an ending that Windows hides is told of", () => {
  const decision = new Device().put({ "config.yaml.txt": shortConfig }).decide();
  expect(decision.hints).toEqual(["config.yaml.txt is not read: its name must be config.yaml"]);
});

test("a configuration can't reach files of the card by a way out of its folder", () => {
  const device = new Device().put({
    "config.yaml": shortConfig.replaceAll("secrets/hq.psk", "../secrets/hq.psk"),
    "secrets/hq.psk": plantedSecret,
  });
  expect(device.decide().kind).toBe("refused");
});

test("no error says a secret", () => {
  const device = new Device().put({
    "config.yaml": shortConfig.replaceAll("{ file: secrets/hq.psk }", `"${plantedSecret}`),
  });
  expect(JSON.stringify(device.decide())).not.toContain(plantedSecret);
});
