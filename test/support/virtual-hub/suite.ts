/** Which algorithms the virtual hub speaks, how long their keys are, and how it answers a list of proposals. */
import { PROTOCOL, type WireProposal, type WireTransform } from "./wire.ts";

/** Transform types. RFC 7296 §3.3.2 */
export const TRANSFORM = { ENCR: 1, PRF: 2, INTEG: 3, KE: 4, ESN: 5 } as const;

/** IANA numbers of what the hub can do. */
export const ALGORITHM = {
  AES_CBC: 12,
  AES_GCM_16: 20,
  PRF_SHA1: 2,
  PRF_SHA256: 5,
  PRF_SHA384: 6,
  PRF_SHA512: 7,
  HMAC_SHA256_128: 12,
  HMAC_SHA384_192: 13,
  HMAC_SHA512_256: 14,
  MODP_2048: 14,
  ECP_256: 19,
  ECP_384: 20,
  X25519: 31,
} as const;

/** One choice of each kind; `integrity` is 0 with AES-GCM. Key lengths in bits. */
export interface IkeSuite {
  readonly encryption: number;
  readonly keyLength: number;
  readonly integrity: number;
  readonly prf: number;
  readonly group: number;
}

/** What protects a Child SA; `group` 0 means no key exchange of its own. */
export interface EspSuite {
  readonly encryption: number;
  readonly keyLength: number;
  readonly integrity: number;
  readonly group: number;
  readonly esn: boolean;
}

/** What the hub is willing to accept, each in its own order of preference. */
export interface Acceptable {
  readonly encryption: readonly { readonly id: number; readonly keyLength: number }[];
  readonly integrity: readonly number[];
  readonly prf: readonly number[];
  readonly groups: readonly number[];
  /** For Child SAs: `[]` refuses PFS, otherwise one of these must be used when the peer offers any. */
  readonly childGroups: readonly number[];
  readonly esn: boolean;
}

/** Everything the hub can do, strongest first. */
export const acceptAll: Acceptable = {
  encryption: [
    { id: ALGORITHM.AES_GCM_16, keyLength: 256 },
    { id: ALGORITHM.AES_GCM_16, keyLength: 128 },
    { id: ALGORITHM.AES_CBC, keyLength: 256 },
    { id: ALGORITHM.AES_CBC, keyLength: 128 },
  ],
  integrity: [ALGORITHM.HMAC_SHA256_128, ALGORITHM.HMAC_SHA384_192, ALGORITHM.HMAC_SHA512_256],
  prf: [ALGORITHM.PRF_SHA256, ALGORITHM.PRF_SHA384, ALGORITHM.PRF_SHA512],
  groups: [ALGORITHM.X25519, ALGORITHM.ECP_256, ALGORITHM.ECP_384, ALGORITHM.MODP_2048],
  childGroups: [ALGORITHM.X25519, ALGORITHM.ECP_256, ALGORITHM.ECP_384, ALGORITHM.MODP_2048],
  esn: true,
};

/** Bytes of key material that a cipher takes from the key stream, salt included. */
export function encryptionKeyBytes(id: number, keyLength: number): number {
  return keyLength / 8 + (id === ALGORITHM.AES_GCM_16 ? 4 : 0);
}

/** Bytes of an integrity key; 0 for none. */
export function integrityKeyBytes(id: number): number {
  return { 0: 0, 12: 32, 13: 48, 14: 64 }[id] ?? 0;
}

/** Bytes of an integrity check value; AES-GCM's is 16. */
export function icvBytes(integrity: number): number {
  return { 0: 16, 12: 16, 13: 24, 14: 32 }[integrity] ?? 16;
}

/** The node:crypto digest of a PRF. */
export function prfHash(prf: number): string {
  return { 2: "sha1", 5: "sha256", 6: "sha384", 7: "sha512" }[prf] ?? "sha256";
}

/** The node:crypto digest of an integrity algorithm. */
export function integrityHash(integrity: number): string {
  return { 12: "sha256", 13: "sha384", 14: "sha512" }[integrity] ?? "sha256";
}

export interface ChosenIke {
  readonly suite: IkeSuite;
  readonly proposal: WireProposal;
}
export interface ChosenEsp {
  readonly suite: EspSuite;
  readonly proposal: WireProposal;
}

/** The first proposal of the peer that the hub accepts, answered with the hub's preferred group. */
export function chooseIke(
  offered: readonly WireProposal[],
  acceptable: Acceptable,
): ChosenIke | undefined {
  for (const proposal of offered) {
    if (proposal.protocol !== PROTOCOL.IKE) continue;
    const cipher = chooseCipher(proposal, acceptable);
    const prf = acceptable.prf.find((id) => has(proposal, TRANSFORM.PRF, id));
    const group = acceptable.groups.find((id) => has(proposal, TRANSFORM.KE, id));
    if (!cipher || prf === undefined || group === undefined) continue;
    const suite = { ...cipher, prf, group };
    return { suite, proposal: { ...proposal, transforms: ikeTransforms(suite) } };
  }
  return undefined;
}

/** As `chooseIke`, for ESP. In IKE_AUTH (`withKeyExchange` false) key exchange methods are ignored. */
export function chooseEsp(
  offered: readonly WireProposal[],
  acceptable: Acceptable,
  withKeyExchange: boolean,
): ChosenEsp | undefined {
  for (const proposal of offered) {
    if (proposal.protocol !== PROTOCOL.ESP) continue;
    const cipher = chooseCipher(proposal, acceptable);
    const esnValues = proposal.transforms.filter(({ type }) => type === TRANSFORM.ESN);
    const esn = acceptable.esn && esnValues.some(({ id }) => id === 1);
    if (!cipher || esnValues.length === 0) continue;
    if (!esn && !esnValues.some(({ id }) => id === 0)) continue;
    const wantsGroup =
      withKeyExchange && proposal.transforms.some(({ type }) => type === TRANSFORM.KE);
    const group = acceptable.childGroups.find((id) => has(proposal, TRANSFORM.KE, id));
    if (wantsGroup && group === undefined && !has(proposal, TRANSFORM.KE, 0)) continue;
    const suite = { ...cipher, esn, group: wantsGroup ? (group ?? 0) : 0 };
    return { suite, proposal: { ...proposal, transforms: espTransforms(suite) } };
  }
  return undefined;
}

/** The transforms that say exactly this suite. */
export function ikeTransforms(suite: IkeSuite): WireTransform[] {
  const { encryption, keyLength, integrity, prf, group } = suite;
  return [
    { type: TRANSFORM.ENCR, id: encryption, keyLength },
    { type: TRANSFORM.PRF, id: prf },
    ...(integrity ? [{ type: TRANSFORM.INTEG, id: integrity }] : []),
    { type: TRANSFORM.KE, id: group },
  ];
}

/** The transforms that say exactly this suite. */
export function espTransforms(suite: EspSuite): WireTransform[] {
  const { encryption, keyLength, integrity, group, esn } = suite;
  return [
    { type: TRANSFORM.ENCR, id: encryption, keyLength },
    ...(integrity ? [{ type: TRANSFORM.INTEG, id: integrity }] : []),
    ...(group ? [{ type: TRANSFORM.KE, id: group }] : []),
    { type: TRANSFORM.ESN, id: esn ? 1 : 0 },
  ];
}

/** Reads the suite out of a proposal that was chosen by the peer. */
export function suiteOf(proposal: WireProposal): IkeSuite & EspSuite {
  const first = (type: number) => proposal.transforms.find((transform) => transform.type === type);
  return {
    encryption: first(TRANSFORM.ENCR)?.id ?? 0,
    keyLength: first(TRANSFORM.ENCR)?.keyLength ?? 0,
    integrity: first(TRANSFORM.INTEG)?.id ?? 0,
    prf: first(TRANSFORM.PRF)?.id ?? 0,
    group: first(TRANSFORM.KE)?.id ?? 0,
    esn: first(TRANSFORM.ESN)?.id === 1,
  };
}

function chooseCipher(proposal: WireProposal, acceptable: Acceptable) {
  for (const { type, id, keyLength } of proposal.transforms) {
    if (type !== TRANSFORM.ENCR) continue;
    const known = acceptable.encryption.find((c) => c.id === id && c.keyLength === keyLength);
    if (!known) continue;
    if (id === ALGORITHM.AES_GCM_16) {
      const hasIntegrity = proposal.transforms.some(
        (t) => t.type === TRANSFORM.INTEG && t.id !== 0,
      );
      if (!hasIntegrity) return { encryption: id, keyLength: known.keyLength, integrity: 0 };
      continue;
    }
    const integrity = acceptable.integrity.find((i) => has(proposal, TRANSFORM.INTEG, i));
    if (integrity !== undefined) return { encryption: id, keyLength: known.keyLength, integrity };
  }
  return undefined;
}

function has(proposal: WireProposal, type: number, id: number): boolean {
  return proposal.transforms.some((transform) => transform.type === type && transform.id === id);
}
