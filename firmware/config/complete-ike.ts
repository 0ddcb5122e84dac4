import { ipFamily, parseIpAddress } from "#lib/ip.ts";
import type { ConfigPath } from "./config-error.ts";
import type { Problems } from "./problems.ts";
import type { FileConfig, FileIkeProfile } from "./schema.ts";
import type { FileClient } from "./schema-client.ts";
import type { SecretReference } from "./schema-scalars.ts";
import type { Trustpoint } from "./trustpoint.ts";

/** One end's proof, with what it is made from. */
export type CompleteAuthentication =
  | { readonly authentication: "psk"; readonly psk: SecretReference }
  | { readonly authentication: "certificate"; readonly trustpoint: string };

export type CompleteIkeProfile = Omit<FileIkeProfile, "proposals" | "local" | "remote"> & {
  readonly proposals: readonly string[];
  readonly local: CompleteAuthentication & {
    readonly identity: string;
    readonly "rsa-padding"?: "pkcs1" | "pss" | undefined;
  };
  readonly remote: CompleteAuthentication & { readonly identity: readonly string[] };
};

/** What the file says of one end's proof. */
type Proof = Pick<FileIkeProfile["local"], "authentication" | "psk" | "trustpoint">;

interface Around {
  readonly file: FileConfig;
  readonly hostname: string;
  readonly trustpoints: ReadonlyMap<string, Trustpoint>;
  /** Of every client that uses the profile. */
  readonly peers: FileClient["peers"];
}

/** Fills in a profile of `ikev2.profiles`; `path` leads to it. */
export function completeIkeProfile(
  profile: FileIkeProfile,
  path: ConfigPath,
  around: Around,
  problems: Problems,
): CompleteIkeProfile {
  const known = Object.keys(around.file.ikev2.proposals);
  const proposals = profile.proposals ?? ["default"];
  for (const [index, name] of proposals.entries())
    if (name !== "default" && !known.includes(name))
      problems.error(
        [...path, "proposals", index],
        `no ikev2 proposal has this name (${[...new Set([...known, "default"])].join(", ")})`,
      );
  const local = completeProof(profile.local, undefined, [...path, "local"], around, problems);
  const remote = completeProof(profile.remote, local, [...path, "remote"], around, problems);
  const padding = profile.local["rsa-padding"];
  const identities = profile.remote.identity ?? defaultRemote(remote, around.peers);
  return {
    ...profile,
    proposals,
    local: {
      ...local,
      identity: profile.local.identity ?? defaultLocal(local, around),
      ...(padding !== undefined && { "rsa-padding": padding }),
    },
    remote: { ...remote, identity: typeof identities === "string" ? [identities] : identities },
  };
}

/** The method is the one whose material is given; the remote end's is like the local end's where nothing is said. */
function completeProof(
  side: Proof,
  other: CompleteAuthentication | undefined,
  path: ConfigPath,
  around: Around,
  problems: Problems,
): CompleteAuthentication {
  const method =
    side.authentication ??
    (side.psk === undefined
      ? side.trustpoint === undefined
        ? (other?.authentication ?? (around.trustpoints.size > 0 ? "certificate" : undefined))
        : "certificate"
      : "psk");
  if (method === undefined)
    problems.error(
      [...path, "authentication"],
      "is required (psk, with psk: { file: PATH }; or certificate, with trustpoint: NAME)",
    );
  if (method === "certificate") return completeCertificate(side, other, path, around, problems);
  if (side.trustpoint !== undefined)
    problems.warning([...path, "trustpoint"], "is not used (authentication is psk)", "key");
  const psk = side.psk ?? (other?.authentication === "psk" ? other.psk : undefined);
  if (psk === undefined && method === "psk")
    problems.error([...path, "psk"], "is required with authentication: psk ({ file: PATH })");
  return { authentication: "psk", psk: psk ?? "" };
}

function completeCertificate(
  side: Proof,
  other: CompleteAuthentication | undefined,
  path: ConfigPath,
  { file, trustpoints }: Around,
  problems: Problems,
): CompleteAuthentication {
  const known = Object.keys(file.pki.trustpoints);
  if (side.psk !== undefined)
    problems.warning([...path, "psk"], "is not used (authentication is certificate)", "key");
  const same = other?.authentication === "certificate" ? other.trustpoint : undefined;
  const trustpoint = side.trustpoint ?? same ?? (known.length === 1 ? known[0] : undefined);
  const at = [...path, "trustpoint"];
  if (trustpoint === undefined)
    problems.error(
      at,
      known.length === 0
        ? "is required (add one under pki.trustpoints)"
        : `is required: there is more than one (${known.join(", ")})`,
    );
  else if (!known.includes(trustpoint))
    problems.error(
      at,
      `no trustpoint has this name (${known.join(", ") || "none is under pki.trustpoints"})`,
    );
  else if (other === undefined && trustpoints.has(trustpoint) && !trustpoints.get(trustpoint)?.own)
    problems.error(
      at,
      `trustpoint ${trustpoint} has no certificate and key of this branch (add certificate and key to it)`,
    );
  return { authentication: "certificate", trustpoint: trustpoint ?? "" };
}

/** IOS: identity local; its default is the subject of the certificate, or with a key the name of the router. */
function defaultLocal(local: CompleteAuthentication, { hostname, trustpoints }: Around): string {
  const own =
    local.authentication === "certificate" ? trustpoints.get(local.trustpoint)?.own : undefined;
  return own?.certificate.subjectText ? `dn:${own.certificate.subjectText}` : `fqdn:${hostname}`;
}

/**
 * Who holds the pre-shared key is the hub, whatever it is called. A certificate proves a name only, and its authority
 * signs other branches too: the name must be the one that was called.
 */
function defaultRemote(
  remote: CompleteAuthentication,
  peers: FileClient["peers"],
): readonly string[] {
  if (remote.authentication === "psk") return ["any"];
  const names = peers.map(({ fqdn, address }) => {
    const ip = parseIpAddress(address ?? "");
    return ip ? `${ipFamily(ip) === 4 ? "ipv4" : "ipv6"}:${ip}` : `fqdn:${fqdn ?? ""}`;
  });
  return [...new Set(names)];
}
