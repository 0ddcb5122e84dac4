import fc from "fast-check";
import { expect, test } from "vitest";
import type { MqttAction } from "#config/resolved-mqtt.ts";
import { mqttActions } from "#config/schema-mqtt.ts";
import { CommandDesk } from "#telemetry/mqtt/command-desk.ts";
import { ReportingBranch } from "#test/support/reporting-branch.ts";

function setUp(allowed: readonly MqttAction[] = mqttActions) {
  const branch = new ReportingBranch("/nowhere");
  const replies: Record<string, unknown>[] = [];
  const desk = new CommandDesk({
    backend: branch.context.backend,
    allowed,
    reply: (body) => replies.push(JSON.parse(body)),
  });
  let now = 0;
  const send = async (command: unknown, isRetained = false): Promise<void> => {
    const text = typeof command === "string" ? command : JSON.stringify(command);
    now += 2_000;
    desk.take(new TextEncoder().encode(text), isRetained, now);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { branch, desk, replies, send };
}

test.each([
  [{ action: "connect", client: "hq" }, "connect hq by MQTT"],
  [{ action: "disconnect", client: "hq" }, "disconnect hq by MQTT"],
  [{ action: "clear", client: "hq" }, "clear hq by MQTT"],
  [{ action: "switch", client: "hq" }, "switch hq by MQTT"],
  [{ action: "rehearse", client: "hq" }, "rehearse hq by MQTT"],
  [{ action: "rekey", client: "hq" }, "rekey ike hq by MQTT"],
  [{ action: "rekey", client: "hq", what: "child" }, "rekey child hq by MQTT"],
  [{ action: "track", object: "maintenance", state: "up" }, "track maintenance up by MQTT"],
])("%j is done and answered with its event", async (command, expected) => {
  const { branch, replies, send } = setUp();
  await send({ id: "a1", ...command });
  expect(branch.actions).toEqual([expected]);
  expect(replies).toEqual([{ id: "a1", ok: true, result: { event: 7 } }]);
});

test("a reload is answered with whether the configuration is on trial, or with all that is wrong", async () => {
  const { branch, replies, send } = setUp();
  await send({ id: 1, action: "reload" });
  branch.configured = {
    kind: "refused",
    code: "configuration.invalid",
    reason: "it is invalid",
    errors: ["config.yaml:1:1: hostnam: unknown key"],
  };
  await send({ id: 2, action: "reload" });
  expect(branch.actions).toEqual(["reload by MQTT", "reload by MQTT"]);
  const message = "it is invalid\nconfig.yaml:1:1: hostnam: unknown key";
  expect(replies).toEqual([
    { id: 1, ok: true, result: {} },
    { id: 2, ok: false, error: { code: "configuration.invalid", message } },
  ]);
});

test("a diagnosis is the answer itself", async () => {
  const { replies, send } = setUp();
  await send({ id: 5, action: "diagnose", client: "hq" });
  expect(replies).toMatchObject([{ id: 5, ok: true, result: { client: "hq", healthy: true } }]);
});

test("what the engine refuses is refused with its code", async () => {
  const { branch, replies, send } = setUp();
  branch.outcome = { kind: "refused", code: "client.not-up", reason: "client hq is idle" };
  await send({ id: "a", action: "rekey", client: "hq" });
  expect(replies).toEqual([
    { id: "a", ok: false, error: { code: "client.not-up", message: "client hq is idle" } },
  ]);
});

test("what is not on the list of allowed commands is not done", async () => {
  const { branch, replies, send } = setUp(["diagnose"]);
  await send({ id: "a", action: "clear", client: "hq" });
  expect(branch.actions).toEqual([]);
  expect(replies).toMatchObject([
    { ok: false, error: { code: "command.not-allowed", known: ["diagnose"] } },
  ]);
});

test("a command that comes twice is done and answered once", async () => {
  const { branch, replies, send } = setUp();
  await send({ id: "a", action: "clear", client: "hq" });
  await send({ id: "a", action: "clear", client: "hq" });
  expect(branch.actions).toHaveLength(1);
  expect(replies).toHaveLength(1);
});

test("a command that was left lying at the broker is refused", async () => {
  const { branch, replies, send } = setUp();
  await send({ id: "a", action: "clear", client: "hq" }, true);
  expect(branch.actions).toEqual([]);
  expect(replies).toMatchObject([{ id: "a", ok: false, error: { code: "command.retained" } }]);
});

test.each([
  ["", null],
  ["clear", null],
  ["[]", null],
  ["null", null],
  ['{"id":"x"}', "x"],
  ['{"id":"x","action":"reboot"}', "x"],
  ['{"id":"x","action":"clear","client":"hq","force":true}', "x"],
  ['{"id":"x","action":"rekey","client":"hq","what":"all"}', "x"],
  ['{"id":"","action":"clear","client":"hq"}', null],
  [`{"id":"x","action":"clear","client":"${"h".repeat(5_000)}"}`, null],
])("%s is malformed, and nothing is done", async (text, id) => {
  const { branch, replies, send } = setUp();
  await send(text);
  expect(branch.actions).toEqual([]);
  expect(replies).toMatchObject([{ id, ok: false, error: { code: "command.malformed" } }]);
});

test.each([
  [{ action: "clear", client: "none" }, "command.unknown-client"],
  [{ action: "clear", client: "__proto__" }, "command.unknown-client"],
  [{ action: "track", object: "none", state: "up" }, "command.unknown-track"],
])("%j names nothing", async (command, code) => {
  const { replies, send } = setUp();
  await send({ id: "a", ...command });
  expect(replies).toMatchObject([{ ok: false, error: { code } }]);
});

test("a flood is cut off after what a person could mean, and answered no more", () => {
  const { branch, desk, replies } = setUp();
  for (let each = 0; each < 10_000; each++) {
    const body = JSON.stringify({ id: each, action: "clear", client: "hq" });
    desk.take(new TextEncoder().encode(body), false, 1_000);
  }
  expect(branch.actions.length).toBeLessThanOrEqual(10);
  expect(replies.length).toBeLessThanOrEqual(10);
  expect(desk.ignored).toBe(10_000 - branch.actions.length);
});

test("any bytes are a command or are refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const { branch, desk } = setUp();
      desk.take(bytes, false, 1_000);
      expect(branch.actions).toEqual([]);
    }),
    { seed: 4, numRuns: 300 },
  );
});
