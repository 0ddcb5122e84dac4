/**
 * Probes as track objects. Source: IOS track N ip sla M reachability | state; unconfirmed in the wording of IOS, see
 * reference/flexvpn-client.md 2.2.
 */
import type { TrackTest } from "#config/resolved-track.ts";
import type { SlaReturnCode } from "#sla/return-code.ts";
import { seen, unseen, type Verdict } from "./verdict.ts";

type SlaTest = Extract<TrackTest, { kind: "sla" }>;

/** `reachability` takes an answer that came too late for the threshold; `state` does not. */
export function judgeSla({ operation, check }: SlaTest, code: SlaReturnCode | undefined): Verdict {
  if (code === undefined || code === "unknown") return unseen(`sla ${operation} has no result yet`);
  const isUp = code === "ok" || (check === "reachability" && code === "over-threshold");
  return seen(isUp, `sla ${operation} returned ${code}`);
}
