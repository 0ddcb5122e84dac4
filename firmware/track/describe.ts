/** Objects in the words of IOS, as `show track` and TRACK-6-STATE print them. */
import type { TrackState, TrackTest } from "#config/resolved-track.ts";
import { splitPrefix } from "#lib/ip.ts";

/** What an object looks at, in the columns of `show track brief`. */
export interface TrackTypeWords {
  readonly type: string;
  readonly instance: string;
  readonly parameter: string;
}

/** `interface`, `wan0`, `line-protocol`. Layout of lists, stubs and scripts unconfirmed, see reference/flexvpn-client.md 6.9. */
export function typeWords(test: TrackTest): TrackTypeWords {
  switch (test.kind) {
    case "interface": {
      const parameter = test.check.replace("-routing", " routing");
      return { type: "interface", instance: test.interface, parameter };
    }
    case "route": {
      const isIpv6 = splitPrefix(test.prefix).address.includes(":");
      const parameter = test.check.replace("-", " ");
      return { type: isIpv6 ? "ipv6 route" : "ip route", instance: test.prefix, parameter };
    }
    case "sla":
      return { type: "ip sla", instance: test.operation, parameter: test.check };
    case "boolean":
      return { type: "list", instance: "", parameter: "boolean" };
    case "weight":
    case "percentage":
      return { type: "list", instance: "", parameter: `threshold ${test.kind}` };
    case "stub":
      return { type: "stub-object", instance: "", parameter: "" };
    case "script":
      return { type: "script", instance: test.argv[0] ?? "", parameter: "exit status" };
  }
}

/** `wan0-up interface wan0 line-protocol Up -> Down` */
export function changeText(
  name: string,
  test: TrackTest,
  from: TrackState,
  to: TrackState,
): string {
  const { type, instance, parameter } = typeWords(test);
  const words = [name, type, instance, parameter].filter((word) => word !== "");
  return `${words.join(" ")} ${stateWord(from)} -> ${stateWord(to)}`;
}

/** `Up`, `Down` */
export function stateWord(state: TrackState): string {
  return state === "up" ? "Up" : "Down";
}
