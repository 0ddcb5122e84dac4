import type { Context } from "hono";
import type * as z from "zod/mini";

/** The body of a request when it is what `schema` says; undefined when it is not. */
export async function readBody<Schema extends z.ZodMiniType>(
  context: Context,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const parsed = schema.safeParse(await context.req.json().catch(() => undefined));
  return parsed.success ? parsed.data : undefined;
}
