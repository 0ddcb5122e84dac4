/** What each end proves itself with: identities, keys, certificates. */
import type {
  Identity,
  IkeConnection,
  LocalAuthentication,
  RemoteAuthentication,
} from "#ike/connection.ts";
import { SecretBytes } from "#lib/secret.ts";
import type { Certificate } from "#pki/certificate.ts";
import { readDn } from "#pki/dn.ts";
import { checkIdentityInCertificate } from "#pki/identity-match.ts";
import type { CompleteIkeProfile } from "./complete-ike.ts";
import type { ConfigPath } from "./config-error.ts";
import { parseIdentity, parseIdentityPattern } from "./identity-syntax.ts";
import type { Problems } from "./problems.ts";
import { readSecret, type SecretSource } from "./secret-source.ts";
import type { OwnCertificate, Trustpoint } from "./trustpoint.ts";

export type Proofs = Pick<IkeConnection, "local" | "remote">;

/** @returns undefined after telling `problems` why there are none; the caller owns the secrets. */
export function resolveProofs(
  profile: CompleteIkeProfile,
  path: ConfigPath,
  trustpoints: ReadonlyMap<string, Trustpoint>,
  source: SecretSource,
  problems: Problems,
): Proofs | undefined {
  const { local, remote } = profile;
  const localProof = resolveLocal(local, [...path, "local"], trustpoints, source, problems);
  const remoteProof = resolveRemote(remote, [...path, "remote"], trustpoints, source, problems);
  const identities = remote.identity.flatMap((text) => {
    const pattern = parseIdentityPattern(text);
    return typeof pattern === "string" ? [] : [pattern];
  });
  if (!localProof || !remoteProof) return undefined;
  return { local: localProof, remote: { identities, authentication: remoteProof } };
}

/** The same proofs with secrets of their own, so that one client's end does not wipe another's. */
export function copyProofs({ local, remote }: Proofs): Proofs {
  const copy = <Method extends { readonly method: string }>(proof: Method): Method =>
    "secret" in proof && proof.secret instanceof SecretBytes
      ? { ...proof, secret: new SecretBytes(proof.secret.reveal().slice()) }
      : proof;
  return {
    local: { ...local, authentication: copy(local.authentication) },
    remote: { ...remote, authentication: copy(remote.authentication) },
  };
}

/** Overwrites the pre-shared keys. */
export function wipeProofs({ local, remote }: Proofs): void {
  for (const { authentication } of [local, remote])
    if (authentication.method === "psk") authentication.secret.wipe();
}

function resolveLocal(
  local: CompleteIkeProfile["local"],
  path: ConfigPath,
  trustpoints: ReadonlyMap<string, Trustpoint>,
  source: SecretSource,
  problems: Problems,
): Proofs["local"] | undefined {
  const identity = parseIdentity(local.identity);
  if (typeof identity === "string") return undefined;
  if (local.authentication === "psk") {
    const secret = resolvePsk(local.psk, [...path, "psk"], source, problems);
    return secret && { identity, authentication: { method: "psk", secret } };
  }
  const own = trustpoints.get(local.trustpoint)?.own;
  if (!own) return undefined;
  const isPss = own.key.asymmetricKeyType === "rsa-pss" || local["rsa-padding"] === "pss";
  const authentication: LocalAuthentication = {
    method: "certificate",
    chain: own.chain,
    key: own.key,
    rsaPadding: isPss ? "pss" : "pkcs1",
  };
  if (!certifies(own, identity))
    problems.warning(
      [...path, "identity"],
      "is not a name in the branch's own certificate (most hubs refuse it; leave identity out to use the certificate's subject)",
    );
  return { identity: asCertified(identity, own), authentication };
}

function resolveRemote(
  remote: CompleteIkeProfile["remote"],
  path: ConfigPath,
  trustpoints: ReadonlyMap<string, Trustpoint>,
  source: SecretSource,
  problems: Problems,
): RemoteAuthentication | undefined {
  if (remote.authentication === "psk") {
    const secret = resolvePsk(remote.psk, [...path, "psk"], source, problems);
    return secret && { method: "psk", secret };
  }
  const trustpoint = trustpoints.get(remote.trustpoint);
  return (
    trustpoint && {
      method: "certificate",
      anchors: trustpoint.anchors,
      intermediates: trustpoint.intermediates,
    }
  );
}

function resolvePsk(
  reference: Parameters<typeof readSecret>[0],
  path: ConfigPath,
  source: SecretSource,
  problems: Problems,
): SecretBytes | undefined {
  // An empty literal stands for one that is missing, which has been told.
  if (reference === "") return undefined;
  const bytes = readSecret(reference, path, source, problems);
  return bytes && new SecretBytes(bytes);
}

/** A key ID means something to the hub alone. */
function certifies({ certificate }: OwnCertificate, identity: Identity): boolean {
  return (
    identity.kind === "key-id" ||
    isSubject(certificate, identity) ||
    checkIdentityInCertificate(identity, certificate) === undefined
  );
}

/** A dn that names the certificate's subject is sent as the certificate has it: hubs compare order and bytes. */
function asCertified(identity: Identity, { certificate }: OwnCertificate): Identity {
  return identity.kind === "dn" && isSubject(certificate, identity)
    ? { ...identity, der: certificate.subject }
    : identity;
}

/** True when the dn has the attributes of the subject, in whatever order they were written. */
function isSubject(certificate: Certificate, identity: Identity): boolean {
  if (identity.kind !== "dn") return false;
  const attributes = (name: Uint8Array) =>
    (readDn(name) ?? []).flat().map(({ type, value }) => `${type}=${value}`);
  const [a, b] = [attributes(identity.der), attributes(certificate.subject)];
  return JSON.stringify(a.sort()) === JSON.stringify(b.sort());
}
