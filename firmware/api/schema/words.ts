/** What the schemas of the answers are made of. */
import * as z from "zod/mini";

/** RFC 3339, UTC, milliseconds. */
export const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
export const count = z.int().check(z.gte(0));
export const text = z.string();
export const texts = z.readonly(z.array(z.string()));

/** A list of the state document. */
export function list<Item extends z.core.SomeType>(item: Item) {
  return z.readonly(z.array(item));
}

/** A map of the state document, by name. */
export function byName<Item extends z.core.SomeType>(item: Item) {
  return z.readonly(z.record(z.string(), item));
}
