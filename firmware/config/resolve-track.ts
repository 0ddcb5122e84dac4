import { invariant } from "#lib/invariant.ts";
import { parsePrefix } from "#lib/ip.ts";
import { parseBoolean } from "./boolean-syntax.ts";
import { durationOf } from "./duration-syntax.ts";
import { pathFrom } from "./file-access.ts";
import type { ResolvedTrack, TrackTest } from "./resolved-track.ts";
import { type FileTrack, kindOf } from "./schema-track.ts";

/** @param configFile a script with a relative path is beside it. */
export function resolveTracks(
  tracks: Readonly<Record<string, FileTrack>>,
  configFile: string,
): Readonly<Record<string, ResolvedTrack>> {
  return Object.fromEntries(
    Object.entries(tracks).map(([name, track]): [string, ResolvedTrack] => {
      const delay = { up: durationOf(track.delay.up), down: durationOf(track.delay.down) };
      return [name, { name, delay, test: testOf(track, configFile) }];
    }),
  );
}

function testOf(track: FileTrack, configFile: string): TrackTest {
  const kind = kindOf(track);
  switch (kind) {
    case "interface":
      return {
        kind,
        interface: track.interface ?? "",
        check: track.check as Extract<TrackTest, { kind: "interface" }>["check"],
      };
    case "route":
      return routeTest(track);
    case "sla":
      return {
        kind,
        operation: String(track.sla),
        check: track.check === "reachability" ? "reachability" : "state",
      };
    case "boolean": {
      const text = track.boolean ?? "";
      const expression = parseBoolean(text);
      invariant(expression.ok, "expressions were checked");
      return { kind, expression: expression.value, text };
    }
    case "threshold":
      return thresholdTest(track.threshold ?? {});
    case "stub":
      return { kind, initial: track.stub ?? "down" };
    case "script": {
      const [program = "", ...rest] = track.script ?? [];
      const path = programPath(program, configFile);
      const [frequency, timeout] = [durationOf(track.frequency), durationOf(track.timeout)];
      return { kind, argv: [path, ...rest], frequency, timeout };
    }
  }
}

/** A bare word is looked for in PATH, as everywhere; a path never is. */
function programPath(program: string, configFile: string): string {
  if (!program.includes("/")) return program;
  const path = pathFrom(configFile, program);
  return path.includes("/") ? path : `./${path}`;
}

function routeTest(track: FileTrack): TrackTest {
  const prefix = parsePrefix(track.route ?? "");
  invariant(prefix, "prefixes were checked");
  const metric = track["metric-threshold"];
  return metric
    ? { kind: "route", prefix, check: "metric-threshold", up: metric.up, down: metric.down }
    : { kind: "route", prefix, check: "reachability" };
}

function thresholdTest({
  weight,
  up,
  down,
  percentage,
}: NonNullable<FileTrack["threshold"]>): TrackTest {
  if (percentage) {
    const objects = percentage.objects.map(String);
    return { kind: "percentage", objects, up: percentage.up, down: percentage.down ?? 0 };
  }
  const members = Object.entries(weight ?? {}).map(([object, each]) => ({ object, weight: each }));
  return { kind: "weight", members, up: up ?? 0, down: down ?? 0 };
}
