/** Fills in what a track object leaves out; the result is the file again, in its own words. */
import { formatDuration, seconds } from "#lib/duration.ts";
import { parseDuration } from "./duration-syntax.ts";
import { checksOf, type FileTrack, kindOf } from "./schema-track.ts";

const SCRIPT_FREQUENCY = "30s";
/** A script that does not say how long it may take gets this, or its frequency when that is shorter. */
const SCRIPT_TIMEOUT = seconds(10);

/** @returns the object with its check, thresholds and times. */
export function completeTrack(object: FileTrack): FileTrack {
  switch (kindOf(object)) {
    case "interface":
      return { ...object, check: object.check ?? checksOf.interface[0] };
    case "sla":
      return { ...object, check: object.check ?? checksOf.sla[0] };
    case "route":
      return completeRoute(object);
    case "threshold":
      return { ...object, threshold: object.threshold && completeThreshold(object.threshold) };
    case "script": {
      const frequency = object.frequency ?? SCRIPT_FREQUENCY;
      const longest = Math.min(SCRIPT_TIMEOUT, parseDuration(frequency) ?? SCRIPT_TIMEOUT);
      const timeout = object.timeout ?? formatDuration(longest as typeof SCRIPT_TIMEOUT);
      return { ...object, frequency, timeout };
    }
    default:
      return object;
  }
}

function completeRoute(object: FileTrack): FileTrack {
  const metric = object["metric-threshold"];
  const check = metric ? "metric-threshold" : (object.check ?? checksOf.route[0]);
  if (check !== "metric-threshold" || metric) return { ...object, check };
  return { ...object, check, "metric-threshold": { up: 254, down: 255 } };
}

type Threshold = NonNullable<FileTrack["threshold"]>;

/** Without `down` there is no band in which the state stays: one less than `up` is down. */
function completeThreshold({ percentage, ...sum }: Threshold): Threshold {
  if (percentage)
    return { percentage: { ...percentage, down: percentage.down ?? below(percentage.up) } };
  return sum.up === undefined ? sum : { ...sum, down: sum.down ?? below(sum.up) };
}

const below = (up: number): number => Math.max(0, up - 1);
