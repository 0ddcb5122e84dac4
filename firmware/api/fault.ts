import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** The body of every answer that is not a success. */
export interface ApiFault {
  readonly error: {
    /** Stable, `api.…`, or the code of the engine that refused. */
    readonly code: string;
    /** One sentence for a person: what is wrong and what to do. */
    readonly message: string;
    /** Names that would have been right. */
    readonly known?: readonly string[];
    /** Everything that is wrong, one line each. */
    readonly errors?: readonly string[];
  };
}

/** Answers with `status` and an `ApiFault`. */
export function fault(
  context: Context,
  status: ContentfulStatusCode,
  error: ApiFault["error"],
): Response {
  return context.json({ error } satisfies ApiFault, status);
}

/** 404 that names what there is. */
export function unknownName(
  context: Context,
  kind: string,
  name: string,
  known: readonly string[],
): Response {
  const choice = known.length > 0 ? `there is ${known.join(", ")}` : "there is none";
  return fault(context, 404, {
    code: `api.unknown-${kind}`,
    message: `no ${kind} named ${JSON.stringify(name)}: ${choice}`,
    known,
  });
}
