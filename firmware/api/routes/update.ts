import type { IncomingMessage } from "node:http";
import { type Context, Hono } from "hono";
import { parseDuration } from "#config/duration-syntax.ts";
import type { Access, ApiEnvironment } from "../access.ts";
import type { Backend } from "../backend.ts";
import { fault } from "../fault.ts";
import { requester } from "../requester.ts";
import type { UpdateOutcome, UpdateWish } from "../update-backend.ts";

/**
 * `GET /update`, `POST /update` with a bundle as its body, `POST /update/rollback|keep`. The bundle is taken in as it comes;
 * whoever is refused is answered once the rest of the body has been let go by, so that the answer is heard. An older version
 * may be forced on the control socket alone: a stolen session must not bring back a hole that was closed.
 */
export function updateRoutes(backend: Backend, access: Access): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.get("/", (context) => {
    const state = backend.updates?.state();
    return state ? context.json(state) : refused(context, notHere);
  });
  routes.post("/", async (context) => {
    const wish = wishOf(context, access);
    if (typeof wish === "string")
      return fault(context, 400, { code: "api.bad-request", message: wish });
    const { incoming } = context.env;
    // Nothing moves on the connection while what was written is read back.
    incoming.socket.setTimeout(QUIET);
    const outcome = await backend.updates?.install(piecesOf(incoming), wish);
    if (outcome?.kind !== "accepted") await drained(incoming);
    return answered(context, outcome);
  });
  routes.post("/rollback", async (context) =>
    answered(context, await backend.updates?.rollBack(requester(context))),
  );
  routes.post("/keep", (context) => answered(context, backend.updates?.keep(requester(context))));
  return routes;
}

/** @returns what is wrong with the query, when something is. */
function wishOf(context: Context<ApiEnvironment>, access: Access): UpdateWish | string {
  const { force, within: time, restart } = context.req.query();
  const within = time === undefined ? undefined : parseDuration(time);
  if (time !== undefined && !within) return `within=${time}: not a time (5m, 90s, 1h30m)`;
  if (!isSwitch(force) || !isSwitch(restart)) return "force and restart are yes or no";
  if (force === "yes" && access.kind !== "control")
    return "an older version is installed on the device alone: `flexspoke update --force FILE`";
  return {
    by: requester(context),
    force: force === "yes",
    restart: restart !== "no",
    ...(within && { within }),
  };
}

const isSwitch = (value: string | undefined): boolean =>
  value === undefined || value === "yes" || value === "no";

/** The body as it comes. One whose sender goes away ends early, which the bundle knows of itself. */
async function* piecesOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of incoming.iterator({ destroyOnReturn: false }))
      yield piece as Uint8Array;
  } catch {
    // Its sender went away.
  }
}

/** Lets the rest of a body go by. */
function drained(incoming: IncomingMessage): Promise<void> {
  if (incoming.readableEnded || incoming.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    incoming
      .once("end", resolve)
      .once("close", resolve)
      .once("error", () => resolve())
      .resume();
  });
}

function answered(context: Context, outcome: UpdateOutcome | undefined): Response {
  if (outcome?.kind === "accepted") return context.json(outcome.state, 202);
  return refused(context, outcome ?? notHere);
}

function refused(
  context: Context,
  { code, message }: { readonly code: string; readonly message: string },
): Response {
  const status = code === notHere.code ? 404 : isTiming.has(code) ? 409 : 422;
  return fault(context, status, { code, message });
}

/** Milliseconds; a worn card reads a slot slowly. */
const QUIET = 10 * 60_000;

const notHere = {
  code: "update.not-here",
  message: "this machine has a system of its own: update FlexSpoke by its packages (apt, opkg)",
};

/** It is not the bundle's fault. */
const isTiming = new Set([
  "update.busy",
  "update.on-trial",
  "update.not-on-trial",
  "update.nothing-to-roll-back",
]);
