/** The OpenAPI 3.1 document, made of the table of calls and of the schemas that validate. */
import * as z from "zod/mini";
import { type Call, calls } from "./calls.ts";
import { answers } from "./schema/answers.ts";
import { requests } from "./schema/requests.ts";

/** @param version of the program. */
export function openApi(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const call of calls) {
    paths[call.path] ??= {};
    Object.assign(paths[call.path] ?? {}, { [call.method]: operation(call) });
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "FlexSpoke local API",
      version,
      description:
        "On the control socket without a password, on web.listen with a session. Times are RFC 3339 in UTC.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ session: [] }],
    paths,
    components: {
      schemas: schemas(),
      securitySchemes: { session: { type: "apiKey", in: "cookie", name: "flexspoke" } },
    },
  };
}

function operation(call: Call): object {
  const { path, does, only, query = {}, takes, status, gives, refuses = [] } = call;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query).map(([name, description]) => ({
    name,
    in: "query",
    description,
    schema: { type: "string" },
  }));
  const parameters = [...inPath, ...inQuery];
  const faults = [...refuses, 401, 500].sort((a, b) => a - b);
  return {
    operationId: `${call.method}${path.replace(/[^A-Za-z0-9]+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    summary: `${does}.`,
    ...(only && { description: `On the ${only} only.` }),
    ...(path === "/api/v1/session" && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(takes && {
      requestBody: { required: true, content: contentOf(call, takes) },
    }),
    responses: {
      [status]: { description: "Done", ...(gives && { content: contentOf(call, gives) }) },
      ...Object.fromEntries(
        faults.map((each) => [
          each,
          { description: "Refused", content: { "application/json": reference("Fault") } },
        ]),
      ),
    },
  };
}

function contentOf({ path }: Call, gives: string): object {
  const content = gives.includes("/") ? { [gives]: {} } : { "application/json": reference(gives) };
  return path === "/api/v1/events" ? { ...content, "text/event-stream": {} } : content;
}

const reference = (name: string): object => ({ schema: { $ref: `#/components/schemas/${name}` } });

function schemas(): object {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...answers, ...requests }))
    registry.add(schema, { id });
  const made = z.toJSONSchema(registry, {
    target: "draft-2020-12",
    io: "input",
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, schema]) => {
      const { $schema: _dialect, $id: _address, ...rest } = schema as Record<string, unknown>;
      return [id, rest];
    }),
  );
}
