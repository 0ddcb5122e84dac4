/** Proposals, policies, IPsec profiles and their transforms. */
import { encryptionNames, integrityNames, keyExchangeNames, prfNames } from "../algorithms.ts";
import { freeName } from "./draft.ts";
import { idOf, type Section, sectionsOf, valueIn } from "./read-sections.ts";
import { carriedNumber, lineOf, linesOf, namedSection, type Work } from "./work.ts";

/** Numbers of Diffie-Hellman groups that we have. IOS: group, set pfs */
const groups: ReadonlyMap<string, string> = new Map(
  Array.from(keyExchangeNames, ([name, number]) => [String(number), name]),
);

/**
 * The proposals that every profile offers: those of the policies, which on the router go by address and not by profile.
 * @returns undefined where there are none, so that the default is meant.
 */
export function translatePolicies(work: Work): readonly string[] | undefined {
  const names: string[] = [];
  for (const policy of sectionsOf(work.roots, "policy")) {
    for (const line of linesOf(policy, "proposal")) {
      const wanted = valueIn(line, "name");
      const name =
        wanted === "default" ? (proposal(work, wanted) ?? wanted) : proposal(work, wanted);
      if (name === undefined) {
        work.ledger.left(line, `there is no proposal ${wanted} that could be carried over`);
        continue;
      }
      work.ledger.carried(policy, line);
      if (!names.includes(name)) names.push(name);
    }
  }
  const untold = proposal(work, "default");
  if (names.length === 0 && untold !== undefined) names.push(untold);
  return names.length > 0 ? names : undefined;
}

/** Puts a proposal into the draft. @returns its name there; undefined when nothing of it is left. */
function proposal(work: Work, router: string): string | undefined {
  const section = namedSection(work, "proposal", router);
  if (!section) return undefined;
  const name = [...work.draft.proposals].find(([, part]) => part.from.includes(section))?.[0];
  if (name !== undefined) return name;
  const encryption = chosen(work, section, "encryption", (word) =>
    encryptionNames.has(word) ? word : undefined,
  );
  const integrity = chosen(work, section, "integrity", (word) =>
    integrityNames.has(word) ? word : undefined,
  );
  const prf = chosen(work, section, "prf", (word) => (prfNames.has(word) ? word : undefined));
  const exchange = chosen(work, section, "group", (word) => groups.get(word));
  const isLost = [encryption, integrity, prf, exchange].some((list) => list?.length === 0);
  if (isLost) {
    work.ledger.left(
      section,
      "none of its algorithms of one kind is spoken here, so the hub has to offer others: the default proposal is used",
    );
    for (const line of section.children) work.ledger.left(line, "the proposal is not carried over");
    return undefined;
  }
  const needsIntegrity = (encryption ?? []).some((word) => !encryptionNames.get(word)?.isAead);
  const value = {
    ...(encryption && { encryption }),
    ...(integrity && (needsIntegrity || !encryption) && { integrity }),
    ...(prf && { prf }),
    ...(exchange && { "key-exchange": exchange }),
  };
  if (integrity && encryption && !needsIntegrity)
    for (const line of linesOf(section, "integrity"))
      work.ledger.left(line, "the ciphers of this proposal authenticate by themselves");
  work.ledger.carried(section);
  const made = freeName(router, work.draft.proposals.keys());
  work.draft.proposals.set(made, { value, from: [section], notes: [] });
  return made;
}

/** What is left of a list of algorithms; undefined where the proposal does not say. */
function chosen(
  work: Work,
  section: Section,
  id: string,
  read: (word: string) => string | undefined,
): readonly string[] | undefined {
  const lines = linesOf(section, id);
  if (lines.length === 0) return undefined;
  const names: string[] = [];
  for (const line of lines) {
    const words = valueIn(line, "names").toLowerCase().split(/\s+/);
    const unknown = words.filter((word) => read(word) === undefined);
    for (const name of words.flatMap((word) => read(word) ?? []))
      if (!names.includes(name)) names.push(name);
    work.ledger.carried(line);
    if (unknown.length > 0) work.ledger.left(line, `${unknown.join(", ")}: not spoken here`);
  }
  return names;
}

/**
 * Puts an IPsec profile of the router into the draft.
 * @param router its name, which needs no section when it is `default`.
 */
export function translateIpsecProfile(work: Work, router: string): string {
  const section = namedSection(work, "ipsec-profile", router);
  const known = work.ipsecNames.get(router);
  if (known !== undefined) return known;
  const sets = transformSets(work, section);
  const pfs = pfsOf(work, section);
  const seconds = lineOf(section, "seconds") ?? globalLine(work, "sa-seconds");
  const time = carriedNumber(work, seconds, "seconds", [2, 30 * 86_400]);
  const bytes = bytesOf(work, section);
  const window = replayOf(work, section);
  const value = {
    encryption: sets.encryption,
    ...(sets.integrity.length > 0 && { integrity: sets.integrity }),
    ...(pfs && { pfs: [pfs] }),
    ...((time !== undefined || bytes !== undefined) && {
      lifetime: {
        ...(time !== undefined && { time: `${time}s` }),
        ...(bytes !== undefined && { bytes }),
      },
    }),
    ...(window !== undefined && { "replay-window": window }),
  };
  work.ledger.carried(section);
  const name = freeName(router, work.draft.ipsecProfiles.keys());
  work.ipsecNames.set(router, name);
  const from = [...(section ? [section] : []), ...sets.from];
  work.draft.ipsecProfiles.set(name, { value, from, notes: sets.notes });
  return name;
}

interface Transforms {
  readonly encryption: readonly string[];
  readonly integrity: readonly string[];
  readonly from: readonly Section[];
  readonly notes: readonly string[];
}

/** What a router offers whose profile names no set, and stronger ones that its hub may take. */
const smartDefault = {
  encryption: ["aes-gcm-256", "aes-cbc-256", "aes-cbc-128"],
  integrity: ["sha256", "sha1"],
  from: [],
  notes: [
    "the router's default is AES-128 with SHA-1: offered last, for a hub that has nothing better",
  ],
};

function transformSets(work: Work, profile: Section | undefined): Transforms {
  const line = lineOf(profile, "transforms");
  const names = line ? valueIn(line, "names").split(/\s+/) : ["default"];
  const encryption: string[] = [];
  const integrity: string[] = [];
  const from: Section[] = [];
  for (const name of names) {
    const set = namedSection(work, "transform-set", name);
    const transforms = set && readTransforms(valueIn(set, "transforms"));
    if (!set || !transforms) continue;
    from.push(set);
    work.ledger.carried(set);
    if (transforms.unknown.length > 0)
      work.ledger.left(set, `${transforms.unknown.join(", ")}: not spoken here`);
    const mode = lineOf(set, "mode");
    if (mode && valueIn(mode, "mode") === "transport")
      work.ledger.left(mode, "ESP is in tunnel mode, as IOS has it for tunnel mode ipsec");
    else work.ledger.carried(mode);
    if (transforms.encryption && !encryption.includes(transforms.encryption))
      encryption.push(transforms.encryption);
    if (transforms.integrity && !integrity.includes(transforms.integrity))
      integrity.push(transforms.integrity);
  }
  if (line && encryption.length === 0) {
    const isDefault = names.length === 1 && names[0] === "default";
    if (isDefault) work.ledger.carried(line);
    else
      work.ledger.left(
        line,
        "none of its transform sets can be carried over: the default ciphers are offered",
      );
  } else work.ledger.carried(line);
  return encryption.length === 0 ? smartDefault : { encryption, integrity, from, notes: [] };
}

/** Reads `esp-aes 256 esp-sha256-hmac`, `esp-gcm 256`. */
function readTransforms(text: string): {
  readonly encryption?: string;
  readonly integrity?: string;
  readonly unknown: readonly string[];
} {
  const found = text.toLowerCase().match(/[a-z][\w-]*(\s+\d+)?/g) ?? [];
  let encryption: string | undefined;
  let integrity: string | undefined;
  const unknown: string[] = [];
  for (const transform of found) {
    const [word = "", bits = "128"] = transform.split(/\s+/);
    const old = /^esp-(\d+)-aes$/.exec(word)?.[1];
    const cipher = { "esp-aes": "aes-cbc", "esp-gcm": "aes-gcm" }[old ? "esp-aes" : word];
    const hash = /^esp-(sha|sha256|sha384|sha512)-hmac$/.exec(word)?.[1];
    const named = cipher === undefined ? undefined : `${cipher}-${old ?? bits}`;
    if (named !== undefined && encryptionNames.has(named)) encryption = named;
    else if (hash !== undefined) integrity = hash === "sha" ? "sha1" : hash;
    else unknown.push(transform);
  }
  const isUsable =
    encryption !== undefined && (integrity !== undefined || encryption.includes("gcm"));
  if (!isUsable) return { unknown: unknown.length > 0 ? unknown : found };
  const isAead = encryption?.includes("gcm") ?? false;
  return {
    ...(encryption !== undefined && { encryption }),
    ...(integrity !== undefined && !isAead && { integrity }),
    unknown,
  };
}

/** IOS without a number: the group of the IKE SA, for which group 19 stands. */
function pfsOf(work: Work, section: Section | undefined): string | undefined {
  const line = lineOf(section, "pfs");
  if (!line) return undefined;
  const number = valueIn(line, "group").replace(/^group/i, "") || "19";
  const name = groups.get(number);
  if (name === undefined) work.ledger.left(line, `group ${number} is not spoken here: without PFS`);
  else work.ledger.carried(line);
  return name;
}

function bytesOf(work: Work, section: Section | undefined): string | undefined {
  const line =
    lineOf(section, "kilobytes", "no-kilobytes") ??
    globalLine(work, "sa-kilobytes", "sa-no-kilobytes");
  if (!line) return undefined;
  work.ledger.carried(line);
  if (idOf(line).includes("no-kilobytes")) return "off";
  const kilobytes = carriedNumber(work, line, "kilobytes", [64, 4_294_967_295]);
  return kilobytes === undefined ? undefined : `${kilobytes}KiB`;
}

function replayOf(work: Work, section: Section | undefined): number | undefined {
  const line =
    lineOf(section, "replay", "no-replay") ?? globalLine(work, "sa-replay", "sa-no-replay");
  if (!line) return undefined;
  work.ledger.carried(line);
  if (idOf(line).includes("no-replay")) return 0;
  return carriedNumber(work, line, "size", [0, 4096]);
}

function globalLine(work: Work, ...ids: readonly string[]): Section | undefined {
  return sectionsOf(work.roots, ...ids).at(-1);
}
