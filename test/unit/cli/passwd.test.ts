import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { isPassword } from "#api/password.ts";
import { startApi } from "#api/server.ts";
import { filesInMemory } from "#api/state-files.ts";
import { askPassword } from "#cli/password-prompt.ts";
import { parsePasswordHash } from "#config/password-hash-syntax.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { load, shortConfig } from "../config/branch-files.ts";
import { flexspoke } from "./run.ts";

const password = "correct horse";

test("passwd prints what the configuration takes, and it fits the password", async () => {
  const { status, stdout } = await flexspoke("passwd eva", { password });
  expect(status).toBe(0);
  const { web } = load(shortConfig + stdout).resolved;
  expect(await isPassword(password, web.users["eva"]!)).toBe(true);
  expect(stdout).not.toContain(password);
});

test.each([
  [undefined, "no password, or not twice the same: run it again"],
  ["short", "a password has 8 to 256 characters: run it again with another"],
])("the password %j is refused", async (word, sentence) => {
  const { status, stderr } = await flexspoke(
    "passwd",
    word === undefined ? {} : { password: word },
  );
  expect({ status, stderr }).toEqual({ status: 1, stderr: `flexspoke: ${sentence}\n` });
});

test("passwd --save sets the password on the device", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flexspoke-passwd-"));
  const files = filesInMemory();
  const api = await startApi({
    backend: new ExampleBackend(),
    controlSocket: join(folder, "control.sock"),
    listen: [],
    files,
    log: silentLog,
  });
  const { status, stdout } = await flexspoke(`passwd --save --run-dir ${folder}`, { password });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "the password of admin is set\n" });
  const saved = JSON.parse(files.read("web-users.json")!) as Record<string, string>;
  expect(await isPassword(password, parsePasswordHash(saved["admin"]!)!)).toBe(true);
  await api.close();
  rmSync(folder, { recursive: true });
});

test("a password from a pipe is its first line", async () => {
  const input = new PassThrough();
  input.end(`${password}\nmore\n`);
  expect(await askPassword("admin", input, { write: () => {} })).toBe(password);
});

/** A terminal at which this is typed. */
function terminal(keys: string) {
  const input = new PassThrough();
  const modes: boolean[] = [];
  const tty = Object.assign(input, {
    isTTY: true,
    setRawMode: (raw: boolean) => {
      modes.push(raw);
      return input;
    },
  });
  input.write(keys);
  return { tty: tty as never, modes };
}

test("at a terminal the password is typed twice, unseen, with corrections", async () => {
  const { tty, modes } = terminal(`x\u007f${password}\r`);
  let seen = "";
  const prompt = {
    write: (text: string) => {
      seen += text;
      if (text.startsWith("The same")) (tty as PassThrough).write(`${password}\r`);
    },
  };
  expect(await askPassword("admin", tty, prompt)).toBe(password);
  expect(seen).toBe("Password of admin: \nThe same again: \n");
  expect(modes).toEqual([true, false, true, false]);
});

test("Ctrl-C gives it up", async () => {
  const { tty } = terminal("abc\u0003");
  expect(await askPassword("admin", tty, { write: () => {} })).toBeUndefined();
});
