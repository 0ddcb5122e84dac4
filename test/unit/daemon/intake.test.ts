import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigFiles } from "#daemon/config-files.ts";
import { intakeEvent, takeIn } from "#daemon/intake.ts";
import type { WallClock } from "#lib/duration.ts";
import { plantedSecret, shortConfig } from "../config/branch-files.ts";

let root: string;
let card: string;
let files: ConfigFiles;
let mounts: string[];

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "intake-"));
  card = path.join(root, "card");
  for (const folder of [`${card}/secrets`, `${root}/data`, `${root}/state`])
    mkdirSync(folder, { recursive: true });
  files = new ConfigFiles(path.join(root, "data/config.yaml"), path.join(root, "state"));
  mounts = [];
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (name: string, text: string) => writeFileSync(path.join(card, name), text);
const take = (fault?: string) =>
  takeIn({
    files,
    mounting: {
      mount: (_folder, access) => {
        mounts.push(access);
        return fault;
      },
      unmount: () => mounts.push("gone"),
    },
    mountPoint: card,
    now: Date.UTC(2026, 10, 24) as WallClock,
    warn: () => {},
  });
const report = () => readFileSync(path.join(card, "flexspoke.txt"), "utf8");

function putBranch(): void {
  put("config.yaml", shortConfig);
  put("secrets/hq.psk", plantedSecret);
  put("start4.elf", "firmware");
}

test("what is taken in is on flash for nobody but us, gone from the card, and the boot files stay", () => {
  putBranch();
  expect(take()).toEqual({ kind: "taken", files: ["secrets/hq.psk", "config.yaml"], hints: [] });
  expect(readFileSync(`${root}/data/secrets/hq.psk`, "utf8")).toBe(plantedSecret);
  expect(statSync(`${root}/data/secrets/hq.psk`).mode & 0o777).toBe(0o600);
  expect(statSync(`${root}/data/config.yaml`).mode & 0o777).toBe(0o600);
  expect(existsSync(`${card}/secrets`)).toBe(false);
  expect(existsSync(`${card}/config.yaml`)).toBe(false);
  expect(readFileSync(`${card}/start4.elf`, "utf8")).toBe("firmware");
  expect(report()).toContain("secrets/hq.psk\r\n");
  expect(report()).not.toContain(plantedSecret);
});

test("the partition is writable only while there is something to write", () => {
  putBranch();
  take();
  expect(mounts).toEqual(["ro", "rw", "gone"]);
  mounts = [];
  expect(take()).toEqual({ kind: "nothing", hints: [] });
  expect(mounts).toEqual(["ro", "gone"]);
});

test("a configuration from the card ends a trial that an earlier one was on", () => {
  putBranch();
  files.noteTrial({ before: "hostname: old\n", starts: 1 } as never);
  take();
  expect(files.pendingTrial()).toBeUndefined();
});

test("an invalid configuration stays there, with the errors beside it", () => {
  putBranch();
  put("config.yaml", "clients: 7\n");
  const outcome = take();
  expect(outcome.kind).toBe("refused");
  expect(report()).toContain("config.yaml:1:10");
  expect(existsSync(`${card}/secrets/hq.psk`)).toBe(true);
  expect(intakeEvent(outcome)).toMatchObject({ mnemonic: "FLEXSPOKE-3-INTAKE_FAILED" });
});

test("a card without a configuration says what is missing on a device that has none", () => {
  expect(take()).toEqual({ kind: "nothing", hints: [] });
  expect(report()).toContain("1. Put config.yaml onto the partition FLEXSPOKE");
});

test("a partition that can't be mounted is told of and holds nothing up", () => {
  const outcome = take("wrong fs type");
  expect(outcome).toEqual({ kind: "failed", why: "wrong fs type", hints: [] });
  expect(intakeEvent(outcome)?.message).toContain("wrong fs type");
});
