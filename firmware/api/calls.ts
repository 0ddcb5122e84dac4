/** Every call of the local API, as `openapi.json` describes them; a test holds the routes to this table. */
import { updateCalls } from "./calls-update.ts";
import type { answers } from "./schema/answers.ts";
import type { requests } from "./schema/requests.ts";

export interface Call {
  readonly method: "get" | "post" | "put" | "delete";
  /** As OpenAPI writes it: `/api/v1/clients/{name}/connect`. */
  readonly path: string;
  /** One sentence without its full stop. */
  readonly does: string;
  /** Where it is: everywhere unless said. */
  readonly only?: "ports" | "control socket";
  readonly query?: Readonly<Record<string, string>>;
  /** A schema, or a media type other than JSON. */
  readonly takes?: keyof typeof requests | "application/octet-stream";
  readonly status: 200 | 202 | 204;
  /** A schema, a media type other than JSON, or nothing for 204. */
  readonly gives?: keyof typeof answers | `${string}/${string}`;
  /** Answers beside 200, 401 and 500, all with a fault. */
  readonly refuses?: readonly number[];
}

const state: readonly Call[] = [
  {
    method: "get",
    path: "/api/v1/state",
    does: "The whole state as one document",
    status: 200,
    gives: "State",
  },
  {
    method: "get",
    path: "/api/v1/state/{part}",
    does: "One part of the state",
    status: 200,
    gives: "application/json",
    refuses: [404],
  },
  {
    method: "get",
    path: "/api/v1/state/{part}/{name}",
    does: "One entry of a part; of a list, the entries of the client with this name",
    status: 200,
    gives: "application/json",
    refuses: [404],
  },
  {
    method: "get",
    path: "/api/v1/state/sla/{name}",
    does: "An IP SLA operation with its past",
    status: 200,
    gives: "SlaDetail",
    refuses: [404],
  },
  {
    method: "get",
    path: "/api/v1/events",
    does: "Events as they happen, as server-sent events that resume by Last-Event-ID; with last, the newest as JSON",
    query: { last: "How many of the newest events, 1 to 10000" },
    status: 200,
    gives: "Events",
    refuses: [400],
  },
  {
    method: "get",
    path: "/api/v1/diagnose/{client}",
    does: "Why a client is not up, or what failed last, with evidence and remedy",
    status: 200,
    gives: "Diagnosis",
    refuses: [404],
  },
  {
    method: "get",
    path: "/metrics",
    does: "The metrics in Prometheus's text format",
    status: 200,
    gives: "text/plain",
  },
  {
    method: "get",
    path: "/api/v1/openapi.json",
    does: "This document",
    status: 200,
    gives: "application/json",
  },
];

const clientAction = (kind: string, does: string): Call => ({
  method: "post",
  path: `/api/v1/clients/{name}/${kind}`,
  does,
  status: 202,
  gives: "Accepted",
  refuses: [404, 409],
});

const actions: readonly Call[] = [
  clientAction("connect", "Connects a client"),
  clientAction("disconnect", "Disconnects a client"),
  clientAction("clear", "Takes a client down, forgets what was learnt, and begins afresh"),
  clientAction(
    "switch",
    "Lets the session that stands by carry the traffic; refused where none does",
  ),
  clientAction("rehearse", "Tries every peer over every source without moving traffic"),
  {
    ...clientAction("rekey", "Replaces the keys of a client's SAs now"),
    takes: "Rekey",
    refuses: [400, 404, 409],
  },
  {
    method: "post",
    path: "/api/v1/track/{name}",
    does: "Sets a stub object",
    takes: "SetTrack",
    status: 202,
    gives: "Accepted",
    refuses: [400, 404, 409],
  },
  {
    method: "post",
    path: "/api/v1/configuration/reload",
    does: "Reads the configuration file anew",
    status: 202,
    gives: "application/json",
    refuses: [409, 422],
  },
  {
    method: "post",
    path: "/api/v1/configuration/confirm",
    does: "Keeps the configuration that is on trial",
    status: 202,
    gives: "application/json",
    refuses: [409, 422],
  },
];

const door: readonly Call[] = [
  {
    method: "get",
    path: "/api/v1/session",
    does: "Who is logged in",
    only: "ports",
    status: 200,
    gives: "Session",
  },
  {
    method: "post",
    path: "/api/v1/session",
    does: "Logs in: the answer sets the cookie that every other call takes",
    only: "ports",
    takes: "Login",
    status: 204,
    refuses: [400, 429],
  },
  {
    method: "delete",
    path: "/api/v1/session",
    does: "Logs out, and ends the streams of the session",
    only: "ports",
    status: 204,
  },
];

const controlSocket: readonly Call[] = [
  {
    method: "put",
    path: "/api/v1/users/{name}",
    does: "Sets the password of a user on the device",
    takes: "NewPassword",
    status: 204,
    refuses: [400, 409],
  },
  {
    method: "post",
    path: "/api/v1/configuration/commit",
    does: "Applies a configuration and undoes it unless it is confirmed or proves itself",
    takes: "Commit",
    status: 202,
    gives: "application/json",
    refuses: [400, 409, 422],
  },
  {
    method: "get",
    path: "/api/v1/debug",
    does: "What the engines are told and do, as server-sent events",
    query: {
      areas: "Areas, separated by commas; all when left out",
      client: "Of this client only",
      peer: "Of this peer only",
    },
    status: 200,
    gives: "text/event-stream",
    refuses: [400, 503],
  },
  {
    method: "get",
    path: "/api/v1/recording",
    does: "The last inputs of the engines, for flexspoke replay",
    status: 200,
    gives: "application/jsonl",
  },
  {
    method: "get",
    path: "/api/v1/kernel",
    does: "What the kernel has, without keys",
    status: 200,
    gives: "application/json",
  },
].map((call) => ({ ...(call as Call), only: "control socket" as const }));

/** All of them. */
export const calls: readonly Call[] = [
  ...state,
  ...actions,
  ...updateCalls,
  ...door,
  ...controlSocket,
];
