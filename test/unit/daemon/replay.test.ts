import { expect, test } from "vitest";
import { Recorder } from "#daemon/recorder.ts";
import { NoRecording, replay } from "#daemon/replay.ts";
import { type MonotonicMs, minutes, seconds } from "#lib/duration.ts";
import { SecretText } from "#lib/secret.ts";
import { SlaEngine } from "#sla/engine.ts";
import { client, connection, hubGone, peerNamed, Story, seededRandom } from "../flexvpn/story.ts";

const about = { version: "0.1.0", started: "2026-11-24T00:00:00.000Z" };

function recorded(seed = 1): { recorder: Recorder; story: Story } {
  const recorder = new Recorder();
  const story = new Story(seed, recorder.random("flexvpn", seededRandom(seed)));
  story.observe = (input, actions, now) => recorder.observe("flexvpn", input, actions, now);
  return { recorder, story };
}

const different = (text: string) => replay(text).steps.filter(({ isSame }) => !isSame);

/** An hour in which everything happens that a seed can think of. */
function roughHour(story: Story, seed: number): void {
  const random = seededRandom(seed);
  const pick = (below: number) => (random(1)[0] ?? 0) % below;
  const variants = [
    client(),
    client({ standby: "hot", sources: [{ seq: 10, interface: "wan0" }] }),
    client({ peers: [peerNamed(10, "hub.example.net")], connection: connection("another") }),
    client({ rehearsal: { every: minutes(10) }, connect: { object: "primary", state: "up" } }),
  ];
  const steps: readonly (() => void)[] = [
    () => story.open.size > 0 && story.up(),
    () => story.open.size > 0 && story.fail(hubGone),
    () => void story.link("wan0", pick(2) === 0, "198.51.100.7/24"),
    () => void story.track("primary", pick(2) === 0 ? "up" : "down"),
    () => story.all("resolve").length > 0 && story.resolve("203.0.113.1", "2001:db8::1"),
    () => void story.operator(pick(3) === 0 ? "clear" : "connect"),
    () => void story.configure(variants[pick(variants.length)] ?? client()),
    () => void story.give({ kind: "rehearse", client: "hq", by: "command line" }),
  ];
  story.configure(client());
  story.give({ kind: "start" });
  for (let count = 0; count < 300; count++) {
    steps[pick(steps.length)]?.();
    story.pass(seconds(pick(30)));
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "a replay decides everything as it was decided, seed %i",
  (seed) => {
    const { recorder, story } = recorded(seed);
    roughHour(story, seed);
    const { steps, inputs } = replay(recorder.text(about));
    expect(inputs).toBeGreaterThan(300);
    expect(steps.filter(({ isSame }) => !isSame)).toEqual([]);
    const told = steps.flatMap(({ lines }) => lines).join("\n");
    for (const event of story.events) expect(told).toContain(event.message);
  },
);

test("without the random bytes that were drawn it would decide otherwise", () => {
  const { recorder, story } = recorded();
  roughHour(story, 1);
  const text = recorder.text(about).replaceAll(/"random":"[0-9a-f]*"/g, '"random":"00"');
  expect(different(text)).not.toEqual([]);
});

test("an engine that decides otherwise than it did is shown where it begins to", () => {
  const { recorder, story } = recorded();
  story.configure(client());
  story.give({ kind: "start" });
  story.up();
  const lines = recorder.text(about).split("\n");
  const at = lines.findIndex((line) => line.includes('"session-up"'));
  const altered = lines.map((line, index) =>
    index === at ? line.replace(/"decided":"\w+"/, '"decided":"00000000"') : line,
  );
  expect(different(altered.join("\n"))).toMatchObject([{ part: "flexvpn" }]);
});

test("no secret is in a recording, and a secret that was changed can be told", () => {
  const { recorder, story } = recorded();
  story.configure(client({ connection: connection("unmistakable") }));
  story.give({ kind: "start" });
  story.up();
  const again = recorder.text(about).length;
  story.configure(client({ connection: connection("unmistakable") }));
  story.configure(client({ connection: connection("another one") }));
  const text = recorder.text(about);
  expect(text.length).toBeGreaterThan(again);
  for (const word of ["unmistakable", "another one"])
    for (const code of ["utf8", "hex", "base64"] as const)
      expect(text).not.toContain(Buffer.from(word).toString(code));
  expect(new Set(text.match(/"secret":\{"\$opaque":\d+\}/g)).size).toBe(2);
  expect(different(text)).toEqual([]);
});

test("bytes, keys and passwords of an input are numbers or lengths in the recording", () => {
  const recorder = new Recorder();
  const input = {
    kind: "x",
    bytes: Uint8Array.of(0xde, 0xad),
    big: 5n,
    word: new SecretText("hush"),
  };
  recorder.observe("dial", input, [], 0 as MonotonicMs);
  expect(recorder.text(about)).toContain(
    '"input":{"kind":"x","bytes":{"$bytes":2},"big":{"$bigint":"5"},"word":{"$opaque":1}}',
  );
});

test("probes for days neither grow the recording nor push out what the client did", () => {
  const recorder = new Recorder();
  const engine = new SlaEngine(recorder.random("sla", seededRandom(1)));
  const story = new Story(1, recorder.random("flexvpn", seededRandom(1)));
  story.observe = (input, actions, now) => recorder.observe("flexvpn", input, actions, now);
  story.configure(client());
  story.give({ kind: "start" });
  const random = seededRandom(2);
  for (let now = 0; now < 100_000; now++) {
    const rtt = random(3).reduce((sum, byte) => sum * 256 + byte, 0) / 1_000;
    const input = { kind: "probe-result", id: now, outcome: { kind: "answered", rtt } } as never;
    recorder.observe("sla", input, engine.handle(input, now as MonotonicMs), now as MonotonicMs);
  }
  const text = recorder.text(about);
  const { header, steps } = replay(text);
  expect(header.dropped["sla"]).toBeGreaterThan(10_000);
  expect(header.dropped).not.toHaveProperty("flexvpn");
  expect(steps.filter(({ part }) => part === "flexvpn").length).toBeGreaterThan(1);
  expect(text.length).toBeLessThan(16 * 1024 * 1024);
});

test.each([
  ["", "line 1 is cut off"],
  ["{}\n", "it does not begin as a recording"],
  ["\u0000\u0001", "line 1 is cut off or damaged"],
  [
    `{"recording":1,"version":"1","started":"2026-11-24T00:00:00.000Z","dropped":{}}\n{"part":"fle`,
    "line 2 is cut off",
  ],
  [
    `{"recording":1,"version":"1","started":"2026-11-24T00:00:00.000Z","dropped":{}}\n{"part":"ike","now":1,"input":{}}`,
    "line 2 is no input of an engine",
  ],
])("what is no recording is refused with the line: %j", (text, words) => {
  expect(() => replay(text)).toThrow(NoRecording);
  expect(() => replay(text)).toThrow(words);
});
