import * as z from "zod/mini";
import { fileSchema } from "./schema.ts";

/** The JSON Schema (draft 2020-12) of the configuration file, for editors. What needs a look at two places it can't say. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(fileSchema, {
    target: "draft-2020-12",
    io: "input",
    reused: "ref",
  });
  return { ...schema, title: "FlexSpoke configuration" };
}
