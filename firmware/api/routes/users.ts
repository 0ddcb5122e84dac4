import { Hono } from "hono";
import { type EventDraft, webSubject } from "#state/event.ts";
import { severityOf } from "#state/mnemonics.ts";
import type { Admission, ApiEnvironment } from "../access.ts";
import { fault } from "../fault.ts";
import { readBody } from "../read-body.ts";
import { requests } from "../schema/requests.ts";

/** `PUT /users/NAME {"password-hash":"scrypt$…"}`: sets a password on the device. On the control socket only. */
export function userRoutes(
  { users, sessions }: Admission,
  record: (event: EventDraft) => void,
): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.put("/:name", async (context) => {
    const { name } = context.req.param();
    const body = await readBody(context, requests.NewPassword);
    if (!body || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
      return fault(context, 400, {
        code: "api.bad-request",
        message: 'a name of letters and digits, and {"password-hash":"scrypt$…"}',
      });
    if (users.areConfigured)
      return fault(context, 409, {
        code: "api.users-are-configured",
        message:
          "the configuration says who may log in: put the hash there (web.users), and reload",
      });
    users.save(name, body["password-hash"]);
    sessions.review();
    record({
      severity: severityOf("FLEXSPOKE-5-PASSWORD_SET"),
      mnemonic: "FLEXSPOKE-5-PASSWORD_SET",
      message: `the password of ${name} for the page was set from the command line`,
      data: { user: name },
      subjects: [webSubject],
    });
    return context.body(null, 204);
  });
  return routes;
}
