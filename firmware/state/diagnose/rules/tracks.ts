/** Track objects and the probes behind them that keep a client from connecting. */
import type { TrackObjectState } from "../../document-track.ts";
import { type Case, listed } from "../case.ts";
import type { Evidence } from "../diagnosis.ts";
import type { TrackWish } from "../evidence.ts";
import type { Found, Rule } from "../rule.ts";

const theme = "track objects and probes";
/** What a cause further down explains. */
const HOLDS = ["track-holds-client", "track-holds-every-peer", "track-holds-every-source"];

export const trackRules: readonly Rule[] = [
  cause({
    code: "stub-holds",
    fault: "Somebody set a stub object so that the client may not connect",
    shownBy:
      "a `stub` object that decides the object which the client, its peers or its sources follow",
    remedy: "`flexspoke track set NAME up`, or `down`, when the maintenance is over",
    is: ({ type }) => type === "stub-object",
    says: (name, { state }) =>
      `the stub object ${name} was set ${state}, as for maintenance, and nobody set it back`,
    advice: (name, { state }) =>
      `When the maintenance is over: \`flexspoke track set ${name} ${state === "up" ? "down" : "up"}\`.`,
  }),
  cause({
    code: "probe-fails",
    fault: "A probe fails, so that the client may not connect",
    shownBy: "the return code of the operation behind the object that is followed",
    remedy: "See why the probe fails: `flexspoke show sla`",
    is: ({ type }) => type === "ip sla",
    says: (name, { instance, state, reason }, given) => {
      const probe = given.evidence.document.sla[instance ?? ""];
      const result = probe
        ? `${probe["return-code"]} from ${probe.target} (${probe.reason})`
        : reason;
      return `the probe ${instance} says ${result}, which makes track ${name} ${state}`;
    },
    advice: (_, { instance }) =>
      `See that the target of \`sla\` ${instance} answers from this branch (\`flexspoke show sla ${instance}\`); if the probe asks for ` +
      "something that only the tunnel reaches, it can't decide whether the tunnel is built.",
  }),
  {
    code: "track-holds-client",
    theme,
    consequence: "blocks",
    fault: "The track object of `connect` lets the client wait",
    shownBy: "its state against the one that `connect` asks for",
    remedy: "Look at what the object watches: `flexspoke show track`",
    find: (given): Found | undefined => {
      const { connect } = given.evidence.configuration;
      if (given.client["reason-code"] !== "track.stands-down" || typeof connect === "string")
        return undefined;
      return held(given, [connect], `The client connects only while ${wishText(connect)}, and`);
    },
  },
  {
    code: "track-holds-every-peer",
    theme,
    consequence: "blocks",
    fault: "Track objects hold every peer back",
    shownBy: "the objects under `peers` against their states",
    remedy: "Look at what the objects watch: `flexspoke show track`",
    find: (given): Found | undefined => {
      if (given.client["reason-code"] !== "peer.track") return undefined;
      const { peers } = given.evidence.configuration;
      return held(given, wishesOf(peers), "No peer may be used:");
    },
  },
  {
    code: "track-holds-every-source",
    theme,
    consequence: "blocks",
    fault: "Track objects hold every source interface back",
    shownBy: "the objects under `source` against their states",
    remedy: "Look at what the objects watch: `flexspoke show track`",
    find: (given): Found | undefined => {
      const { sources } = given.evidence.configuration;
      const unmet = wishesOf(sources).filter((wish) => !isMet(given, wish));
      if (!isWaiting(given) || sources.length === 0 || unmet.length < sources.length)
        return undefined;
      return held(given, unmet, "No source interface may be used:");
    },
  },
];

/** An object at the bottom that decides what the client follows. */
function cause(given: {
  readonly code: string;
  readonly fault: string;
  readonly shownBy: string;
  readonly remedy: string;
  readonly is: (object: TrackObjectState) => boolean;
  readonly says: (name: string, object: TrackObjectState, given: Case) => string;
  readonly advice: (name: string, object: TrackObjectState) => string;
}): Rule {
  const { code, fault, shownBy, remedy, is, says, advice } = given;
  return {
    code,
    theme,
    consequence: "blocks",
    fault,
    shownBy,
    remedy,
    explains: HOLDS,
    find: (of): Found | undefined => {
      const wishes = wishesThatHold(of);
      const [name] = wishes
        .map((wish) => deciding(of, wish.object))
        .filter((found) => {
          const object = of.evidence.document.track[found];
          return object !== undefined && is(object);
        });
      const object = of.evidence.document.track[name ?? ""];
      if (name === undefined || object === undefined) return undefined;
      return {
        certainty: "certain",
        when: "now",
        explanation: `The client may not connect: ${says(name, object, of)}.`,
        remedy: advice(name, object),
        evidence: [...new Set([name, ...wishes.map((wish) => wish.object)])].map((each) =>
          shown(of, each),
        ),
      };
    },
  };
}

/** The wishes that are not met and therefore keep the client waiting; none when it does not wait. */
function wishesThatHold(given: Case): readonly TrackWish[] {
  const { connect, peers, sources } = given.evidence.configuration;
  if (!isWaiting(given)) return [];
  const gate = typeof connect === "string" ? [] : [connect];
  return [...gate, ...wishesOf(peers), ...wishesOf(sources)].filter((wish) => !isMet(given, wish));
}

function held(given: Case, wishes: readonly TrackWish[], begin: string): Found | undefined {
  const unmet = wishes.filter((wish) => !isMet(given, wish));
  if (unmet.length === 0 || !isWaiting(given)) return undefined;
  const objects = [...new Set(unmet.map(({ object }) => object))];
  const states = objects.map((name) => {
    const { state, reason } = given.evidence.document.track[name] ?? {
      state: "not known",
      reason: "",
    };
    return `track ${name} is ${state}${reason === "" ? "" : ` (${reason})`}`;
  });
  return {
    certainty: "certain",
    when: "now",
    explanation: `${begin} ${listed(states)}.`,
    remedy:
      `If that is not as it should be, look at what decides it: \`flexspoke show track ${objects[0]}\`. The client connects by ` +
      "itself when the object changes.",
    evidence: objects.map((name) => shown(given, name)),
  };
}

function isWaiting({ client }: Case): boolean {
  return client.state === "tracking";
}

function isMet({ evidence }: Case, { object, state }: TrackWish): boolean {
  return evidence.document.track[object]?.state === state;
}

function wishesOf(of: readonly { readonly track?: TrackWish }[]): readonly TrackWish[] {
  return of.flatMap(({ track }) => (track ? [track] : []));
}

function wishText({ object, state }: TrackWish): string {
  return `track ${object} is ${state}`;
}

/** Follows the last causes down to the object that is made of no other. */
function deciding(given: Case, name: string, seen: readonly string[] = []): string {
  const object = given.evidence.document.track[name];
  const members = object?.members ?? [];
  const cause = /^track:(.+)$/.exec(object?.["last-cause"] ?? "")?.[1];
  const below =
    cause !== undefined && members.some((member) => member.object === cause)
      ? cause
      : (members.find(({ state }) => state === object?.state) ?? members[0])?.object;
  if (below === undefined || seen.includes(below)) return name;
  return deciding(given, below, [...seen, name]);
}

function shown({ evidence }: Case, name: string): Evidence {
  const object = evidence.document.track[name];
  const kind = object?.type === "ip sla" ? "probe" : "track";
  return {
    kind,
    text: `track ${name} is ${object?.state ?? "not known"}: ${object?.reason ?? "?"}`,
  };
}
