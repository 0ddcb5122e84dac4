/** IKEv2 profiles with the keys of one hub. IOS: crypto ikev2 profile */

import { parseIpAddress } from "#lib/ip.ts";
import { parseIdentity, parseIdentityPattern } from "../identity-syntax.ts";
import { freeName } from "./draft.ts";
import type { KeyPair } from "./keyrings.ts";
import { idOf, type Section, sectionsOf, valueIn } from "./read-sections.ts";
import { type RouterSecret, routerSecret } from "./secret-files.ts";
import { translateTrustpoint, trustpointsOf } from "./translate-trustpoints.ts";
import { carriedNumber, lineOf, linesOf, type Work } from "./work.ts";

export interface ProfileWish {
  readonly profile: Section;
  /** Keys of the keyring for the hub; undefined where there are none. */
  readonly keys: KeyPair | undefined;
  readonly proposals: readonly string[] | undefined;
  /** The address that the router would call itself by, where its profile says nothing. */
  readonly ownAddress: string | undefined;
}

/** Puts a profile into the draft, or finds it there. @returns its name in the file. */
export function translateProfile(work: Work, wish: ProfileWish): string {
  const { profile, keys, proposals } = wish;
  const notes: string[] = [];
  const router = valueIn(profile, "name");
  const name = freeName(router, work.draft.ikeProfiles.keys());
  const value = {
    ...(proposals && { proposals: [...proposals] }),
    local: localEnd(work, wish, name, notes),
    remote: remoteEnd(work, wish, name),
    ...timesOf(work, profile),
  };
  const twin = [...work.draft.ikeProfiles].find(
    ([, part]) =>
      part.from.includes(profile) && JSON.stringify(part.value) === JSON.stringify(value),
  );
  if (twin) return twin[0];
  work.ledger.carried(profile);
  const from = [profile, ...(keys?.lines.filter((line) => idOf(line) === "peer") ?? [])];
  work.draft.ikeProfiles.set(name, { value, from, notes });
  return name;
}

function localEnd(
  work: Work,
  { profile, keys, ownAddress }: ProfileWish,
  name: string,
  notes: string[],
) {
  const eap = lineOf(profile, "local-eap");
  if (eap)
    work.ledger.left(eap, "EAP is not supported by this version: a key is asked for instead");
  const certificate = lineOf(profile, "local-certificate");
  const said = identityOf(work, profile);
  if (certificate) {
    work.ledger.carried(certificate);
    const trustpoint = translateTrustpoint(work, trustpointsOf(work, profile).sign ?? "own", true);
    return { ...(said && { identity: said }), authentication: "certificate", trustpoint };
  }
  const identity = said ?? (ownAddress === undefined ? undefined : identityOfAddress(ownAddress));
  if (identity === undefined)
    notes.push(
      "the router calls itself by the address of its WAN; this branch by its host name: say local.identity if the hub knows it by another",
    );
  const line = lineOf(profile, "local-psk");
  return {
    ...(identity && { identity }),
    authentication: "psk",
    psk: key(
      work,
      keyOf(work, line, keys?.local, keys),
      `${name}${keys && isOneKey(keys) ? "" : "-local"}.psk`,
      profile,
    ),
  };
}

function remoteEnd(work: Work, { profile, keys }: ProfileWish, name: string) {
  const identities = remoteIdentities(work, profile);
  const [first, ...others] = linesOf(profile, "remote-psk", "remote-certificate");
  for (const line of others)
    work.ledger.left(line, "a hub proves itself in one way: another line comes before it");
  const identity = identities.length === 1 ? identities[0] : identities;
  const known = identities.length > 0 && { identity };
  if (first && idOf(first) === "remote-certificate") {
    work.ledger.carried(first);
    const trustpoint = translateTrustpoint(
      work,
      trustpointsOf(work, profile).verify ?? "own",
      false,
    );
    return { ...known, authentication: "certificate", trustpoint };
  }
  return {
    ...known,
    authentication: "psk",
    psk: key(
      work,
      keyOf(work, first, keys?.remote, keys),
      `${name}${keys && isOneKey(keys) ? "" : "-remote"}.psk`,
      profile,
    ),
  };
}

const isOneKey = ({ local, remote }: KeyPair): boolean => local?.mark === remote?.mark;

/** Lines of a keyring that hold a key. */
const keyLines = new Set(["key", "local", "remote"]);

/** The key that stands in the profile itself, or that of the keyring. */
function keyOf(
  work: Work,
  line: Section | undefined,
  ofKeyring: RouterSecret | undefined,
  keys: KeyPair | undefined,
): RouterSecret | undefined {
  work.ledger.carried(line);
  if (line && valueIn(line, "key") !== "") return routerSecret(line, valueIn(line, "key"));
  if (keys) work.ledger.carried(...keys.lines.filter((each) => !keyLines.has(idOf(each))));
  if (ofKeyring?.bytes) work.ledger.carried(ofKeyring.from);
  else if (ofKeyring)
    work.ledger.left(ofKeyring.from, `to be typed in again (${ofKeyring.reason})`);
  return ofKeyring;
}

function key(
  work: Work,
  secret: RouterSecret | undefined,
  file: string,
  profile: Section,
): { readonly file: string } {
  if (secret) return work.secrets.place(secret, file);
  const path = `secrets/${freeName(valueIn(profile, "name"), [])}.psk`;
  work.secrets.ask(
    path,
    "the router has no key for this hub in its configuration",
    profile.line.number,
  );
  return { file: path };
}

/** IOS: identity local */
function identityOf(work: Work, profile: Section): string | undefined {
  const line = lineOf(profile, "identity", "identity-dn");
  if (!line) return undefined;
  if (idOf(line) === "identity-dn") {
    work.ledger.carried(line);
    return undefined;
  }
  const text = identityText(valueIn(line, "kind"), valueIn(line, "value"));
  if (text === undefined || typeof parseIdentity(text) === "string") {
    work.ledger.left(line, "is no identity that can be written here: say local.identity");
    return undefined;
  }
  work.ledger.carried(line);
  return text;
}

function remoteIdentities(work: Work, profile: Section): readonly string[] {
  const all: string[] = [];
  for (const line of sectionsOf(
    profile.children,
    "match-address",
    "match-prefix",
    "match-domain",
    "match-name",
    "match-any",
  )) {
    const text = patternOf(line);
    if (text === undefined || typeof parseIdentityPattern(text) === "string") {
      work.ledger.left(
        line,
        "names no single hub: say in remote.identity what the hub may call itself",
      );
      continue;
    }
    work.ledger.carried(line);
    if (!all.includes(text)) all.push(text);
  }
  return all.includes("any") ? ["any"] : all;
}

/** IOS: match identity remote */
function patternOf(line: Section): string | undefined {
  switch (idOf(line)) {
    case "match-any":
      return "any";
    case "match-domain":
      return valueIn(line, "kind") === "fqdn"
        ? `fqdn:*.${valueIn(line, "domain")}`
        : `email:*@${valueIn(line, "domain")}`;
    case "match-name":
      return identityText(valueIn(line, "kind"), valueIn(line, "value"));
    case "match-address": {
      const mask = valueIn(line, "mask");
      if (mask === "0.0.0.0" || valueIn(line, "address") === "0.0.0.0") return "any";
      return mask === "" || mask === "255.255.255.255"
        ? identityOfAddress(valueIn(line, "address"))
        : undefined;
    }
    case "match-prefix":
      return valueIn(line, "prefix").endsWith("/0")
        ? "any"
        : identityOfAddress(valueIn(line, "prefix").replace(/\/128$/, ""));
    default:
      return undefined;
  }
}

function identityText(kind: string, value: string): string | undefined {
  if (kind === "address") return identityOfAddress(value);
  return value === "" ? undefined : `${kind}:${value}`;
}

function identityOfAddress(text: string): string | undefined {
  const address = parseIpAddress(text);
  return address && `${address.includes(":") ? "ipv6" : "ipv4"}:${address}`;
}

/** What a profile says of times and habits, with what stands at the top for all of them. */
function timesOf(work: Work, profile: Section) {
  const top = (id: string) => sectionsOf(work.roots, id).at(-1);
  const dpd = lineOf(profile, "dpd") ?? top("dpd");
  const interval = carriedNumber(work, dpd, "interval", [1, 3600]);
  const retry = carriedNumber(work, dpd, "retry", [1, 60]);
  const lifetime = carriedNumber(work, lineOf(profile, "lifetime"), "seconds", [2, 30 * 86_400]);
  const keepalive = carriedNumber(
    work,
    lineOf(profile, "nat-keepalive") ?? top("nat-keepalive"),
    "seconds",
    [1, 3600],
  );
  const fragments = top("fragmentation");
  work.ledger.carried(fragments);
  const mtu = carriedNumber(work, fragments, "mtu", [576, 9000]);
  const request = lineOf(profile, "config-request", "no-config-request");
  work.ledger.carried(request);
  return {
    ...(dpd &&
      interval !== undefined &&
      retry !== undefined && {
        dpd: { mode: valueIn(dpd, "mode"), interval: `${interval}s`, retry: `${retry}s` },
      }),
    ...(lifetime !== undefined && { lifetime: `${lifetime}s` }),
    ...(keepalive !== undefined && { "nat-keepalive": `${keepalive}s` }),
    ...(mtu !== undefined && { fragmentation: { mtu } }),
    ...(request && idOf(request).startsWith("no") && { "config-exchange": { request: false } }),
  };
}
