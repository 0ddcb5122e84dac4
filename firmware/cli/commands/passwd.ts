/** `flexspoke passwd [USER]`: makes the password hash for the page, or sets the password on the device. */
import type { Command } from "commander";
import { call } from "../control-socket.ts";
import { CliFault, exitStatus } from "../fault.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";

/** Fewer characters than this are guessed. */
const LEAST_LENGTH = 8;
const MOST_LENGTH = 256;

export function addPasswdCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("passwd [user]")
    .description("make the password hash of a user of the status page (admin)")
    .option("--save", "set it on this device at once, for a page without configured users")
    .action(async (user = "admin", _options: object, command: Command) => {
      const options = command.optsWithGlobals<FolderOptions & { save?: boolean }>();
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(user))
        throw new CliFault(
          exitStatus.usage,
          "a user is a name of letters, digits, hyphens, dots and underscores",
        );
      const { hashPassword } = await import("#api/password.ts");
      const hash = await hashPassword(await newPassword(user, surroundings));
      if (options.save) {
        const path = `/api/v1/users/${encodeURIComponent(user)}`;
        await call(runDir(options, surroundings), "PUT", path, { "password-hash": hash });
        surroundings.stdout.write(`the password of ${user} is set\n`);
        return;
      }
      surroundings.stdout.write(
        `web: { users: { ${user}: { password-hash: ${JSON.stringify(hash)} } } }\n`,
      );
    });
}

async function newPassword(user: string, { askPassword }: Surroundings): Promise<string> {
  const password = await askPassword?.(user);
  if (password === undefined)
    throw new CliFault(exitStatus.failed, "no password, or not twice the same: run it again");
  const { length } = password;
  if (length < LEAST_LENGTH || length > MOST_LENGTH)
    throw new CliFault(
      exitStatus.failed,
      `a password has ${LEAST_LENGTH} to ${MOST_LENGTH} characters: run it again with another`,
    );
  return password;
}
