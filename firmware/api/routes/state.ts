import { Hono } from "hono";
import type { StateDocument } from "#state/document.ts";
import type { Backend } from "../backend.ts";
import { unknownName } from "../fault.ts";

/** `GET /state`, `GET /state/PART`, `GET /state/PART/NAME`. */
export function stateRoutes(backend: Backend): Hono {
  const routes = new Hono();
  routes.get("/", (context) => context.json(backend.document()));
  routes.get("/:part", (context) => {
    const document = backend.document();
    const part = context.req.param("part");
    if (!isPart(document, part)) return unknownName(context, "part", part, Object.keys(document));
    return context.json(document[part]);
  });
  routes.get("/:part/:name", (context) => {
    const document = backend.document();
    const { part, name } = context.req.param();
    if (!isPart(document, part)) return unknownName(context, "part", part, Object.keys(document));
    const found = named(document[part], name);
    return found.value === undefined
      ? unknownName(context, part.replace(/s$/, ""), name, found.known)
      : context.json(found.value);
  });
  return routes;
}

const isPart = (document: StateDocument, part: string): part is keyof StateDocument =>
  Object.hasOwn(document, part);

/** An entry of a map by its key; of a list, the entries of the client with this name. */
function named(part: unknown, name: string): { value?: unknown; known: readonly string[] } {
  if (Array.isArray(part)) {
    const entries = part as readonly { readonly client: string }[];
    const value = entries.filter(({ client }) => client === name);
    const known = [...new Set(entries.map(({ client }) => client))];
    return value.length > 0 ? { value, known } : { known };
  }
  if (typeof part !== "object" || part === null) return { known: [] };
  const map = part as Readonly<Record<string, unknown>>;
  return { value: Object.hasOwn(map, name) ? map[name] : undefined, known: Object.keys(map) };
}
