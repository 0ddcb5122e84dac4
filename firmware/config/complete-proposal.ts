import { encryptionNames } from "./algorithms.ts";
import type { ConfigPath } from "./config-error.ts";
import type { Problems } from "./problems.ts";
import type { FileIkeProposal } from "./schema.ts";

export interface CompleteProposal {
  readonly encryption: readonly string[];
  /** Absent where every cipher authenticates by itself. */
  readonly integrity?: readonly string[];
  readonly prf: readonly string[];
  readonly "key-exchange": readonly string[];
}

/** What is offered where no proposal is named: strong and fast first, SHA-1 nowhere. RFC 8247 */
export const defaultProposal: CompleteProposal = {
  encryption: ["aes-gcm-256", "aes-gcm-128", "chacha20-poly1305", "aes-cbc-256"],
  integrity: ["sha256", "sha384", "sha512"],
  prf: ["sha384", "sha256", "sha512"],
  "key-exchange": [
    "x25519",
    "ecp256",
    "ecp384",
    "ecp521",
    "modp2048",
    "modp3072",
    "modp4096",
    "x448",
  ],
};

/** Fills the lists that were left out from those that were given. */
export function completeProposal(
  proposal: FileIkeProposal,
  path: ConfigPath,
  problems: Problems,
): CompleteProposal {
  const encryption = proposal.encryption ?? defaultProposal.encryption;
  const needsIntegrity = encryption.some((name) => !isAead(name));
  if (proposal.integrity && !needsIntegrity)
    problems.error(
      [...path, "integrity"],
      `${encryption.join(", ")} authenticate by themselves (leave integrity out, or add an aes-cbc cipher)`,
    );
  for (const key of ["encryption", "integrity", "prf", "key-exchange"] as const)
    warnOfRepeats(proposal[key] ?? [], [...path, key], problems);
  const prf = encryption.some(isAead) ? undefined : proposal.integrity;
  return {
    encryption,
    ...(needsIntegrity && { integrity: proposal.integrity ?? defaultProposal.integrity ?? [] }),
    prf: proposal.prf ?? prf ?? defaultProposal.prf,
    "key-exchange": proposal["key-exchange"] ?? defaultProposal["key-exchange"],
  };
}

/** True for a cipher that authenticates, so that no integrity algorithm goes with it. */
export const isAead = (name: string): boolean => encryptionNames.get(name)?.isAead ?? false;

function warnOfRepeats(names: readonly string[], path: ConfigPath, problems: Problems): void {
  for (const [index, name] of names.entries())
    if (names.indexOf(name) < index)
      problems.warning([...path, index], "is in the list already (once is enough)");
}
