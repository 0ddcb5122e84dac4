/**
 * Lists with a threshold: the weight or the share of the members that are up, with hysteresis.
 * Source: IOS track N list threshold weight | percentage; the band in which nothing changes is unconfirmed, see
 * reference/flexvpn-client.md 2.2.
 */
import type { TrackTest } from "#config/resolved-track.ts";
import type { Members } from "./members.ts";
import type { Verdict } from "./verdict.ts";

type WeightTest = Extract<TrackTest, { kind: "weight" }>;
type PercentageTest = Extract<TrackTest, { kind: "percentage" }>;

/** @param wasUp what it is between the thresholds. */
export function judgeWeight(test: WeightTest, members: Members, wasUp: boolean): Verdict {
  const count = (all: WeightTest["members"]) => all.reduce((sum, { weight }) => sum + weight, 0);
  const present = test.members.filter(({ object }) => members(object).state === "up");
  const [sum, total] = [count(present), count(test.members)];
  return verdict(
    `weight ${sum} of ${total}`,
    sum,
    test,
    test.members.map(({ object }) => object),
    members,
    wasUp,
  );
}

/** @param wasUp what it is between the thresholds. */
export function judgePercentage(test: PercentageTest, members: Members, wasUp: boolean): Verdict {
  const { objects } = test;
  const present = objects.filter((object) => members(object).state === "up").length;
  const share = (present * 100) / objects.length;
  const text = `${present} of ${objects.length} objects up, ${Math.round(share * 10) / 10} %`;
  return verdict(text, share, test, objects, members, wasUp);
}

function verdict(
  text: string,
  value: number,
  { up, down }: { readonly up: number; readonly down: number },
  objects: readonly string[],
  members: Members,
  wasUp: boolean,
): Verdict {
  const isKnown = objects.every((object) => members(object).isKnown);
  const absent = objects.filter((object) => members(object).state === "down");
  const listed = absent.length > MOST_SHOWN ? [...absent.slice(0, MOST_SHOWN), "…"] : absent;
  const lacking = absent.length > 0 ? ` (down: ${listed.join(", ")})` : "";
  const [isUp, rule] =
    value >= up
      ? [true, `from ${up} on is up`]
      : value <= down
        ? [false, `up to ${down} is down`]
        : [wasUp, `between ${down} and ${up} nothing changes`];
  return { isUp, isKnown, reason: `${text}, ${rule}${lacking}` };
}

/** Members named in a reason. */
const MOST_SHOWN = 3;
