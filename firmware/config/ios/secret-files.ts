/** Secrets on their way from the router's configuration into files of their own. */
import { concatBytes, toHex } from "#lib/bytes.ts";
import { SecretBytes } from "#lib/secret.ts";
import { freeName, type MissingFile, type SecretFile } from "./draft.ts";
import type { Section } from "./read-sections.ts";
import { readSecretForm } from "./secret-forms.ts";

/** A secret of the router: what could be read of it, or why nothing could. */
export interface RouterSecret {
  readonly from: Section;
  readonly bytes: SecretBytes | undefined;
  /** Empty where it could be read. */
  readonly reason: string;
  /** Equal for equal secrets, and for the same unreadable text. */
  readonly mark: string;
}

/** Reads the value of a line such as `pre-shared-key 7 0822455D0A16`. */
export function routerSecret(from: Section, text: string): RouterSecret {
  const read = readSecretForm(text);
  if (!read.ok) return { from, bytes: undefined, reason: read.error, mark: `unread:${text}` };
  return { from, bytes: read.value, reason: "", mark: `read:${toHex(read.value.reveal())}` };
}

/** Files for secrets, in `secrets/`. */
export class SecretFiles {
  readonly files: SecretFile[] = [];
  readonly missing: MissingFile[] = [];
  readonly #byMark = new Map<string, string>();

  /** @returns the reference for the file; the same secret has one file. */
  place(secret: RouterSecret, wanted: string): { readonly file: string } {
    const known = this.#byMark.get(secret.mark);
    if (known !== undefined) return { file: known };
    const path = this.#free(wanted);
    this.#byMark.set(secret.mark, path);
    const { bytes, reason } = secret;
    if (bytes) this.files.push({ path, content: withLineEnd(bytes) });
    else this.missing.push({ path, reason, line: secret.from.line.number });
    return { file: path };
  }

  /** A file that nothing in the router's configuration could be made of. */
  ask(path: string, reason: string, line?: number): void {
    if (!this.missing.some((file) => file.path === path)) this.missing.push({ path, reason, line });
  }

  #free(wanted: string): string {
    const taken = [...this.files, ...this.missing].map(({ path }) => path.replace("secrets/", ""));
    return `secrets/${freeName(wanted, taken)}`;
  }
}

/** Whoever reads a secret's file takes one line end off it. */
const withLineEnd = (bytes: SecretBytes): SecretBytes =>
  new SecretBytes(concatBytes(bytes.reveal(), Uint8Array.of(0x0a)));
