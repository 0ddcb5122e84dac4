/** Commands as they come from the broker: JSON that a stranger may have written. Source: interfaces.md §6 */
import * as z from "zod/mini";
import { failed, ok, type Result } from "#lib/result.ts";

const id = z.union([z.string().check(z.minLength(1), z.maxLength(64)), z.int()]);
const name = z.string().check(z.minLength(1), z.maxLength(64));
const about = { id, client: z.optional(name) };

const command = z.discriminatedUnion("action", [
  z.strictObject({ ...about, action: z.literal("connect") }),
  z.strictObject({ ...about, action: z.literal("disconnect") }),
  z.strictObject({ ...about, action: z.literal("clear") }),
  z.strictObject({ ...about, action: z.literal("switch") }),
  z.strictObject({ ...about, action: z.literal("rehearse") }),
  z.strictObject({ ...about, action: z.literal("diagnose") }),
  z.strictObject({
    ...about,
    action: z.literal("rekey"),
    what: z._default(z.enum(["ike", "child"]), "ike"),
  }),
  z.strictObject({ id, action: z.literal("reload") }),
  z.strictObject({ id, action: z.literal("track"), object: name, state: z.enum(["up", "down"]) }),
]);

export type Command = z.output<typeof command>;
export type CommandId = Command["id"];

/** What can't be taken as a command, and under which id to say so. */
export interface NoCommand {
  readonly id: CommandId | null;
  readonly message: string;
}

/** Longer ones are not looked at. */
const LONGEST = 4 * 1024;

export function readCommand(payload: Uint8Array): Result<Command, NoCommand> {
  if (payload.length > LONGEST) return failed({ id: null, message: "a command is not that long" });
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return failed({ id: null, message: "a command is a JSON object in UTF-8" });
  }
  const read = command.safeParse(json);
  if (read.success) return ok(read.data);
  const known = id.safeParse(typeof json === "object" && json && "id" in json ? json.id : null);
  const [issue] = read.error.issues;
  const where = issue?.path.join(".") || "the command";
  const keys = issue?.code === "unrecognized_keys" ? " has keys that are not known" : " is wrong";
  return failed({ id: known.success ? known.data : null, message: `${where}${keys}` });
}
