/**
 * Proposal negotiation both ways: our offer as SA payload proposals, the check of what a responder chose from it, and
 * our own choice when the peer asks. Knows transforms, not exchanges. RFC 7296 §2.7, §3.3.
 */
import { encryption, supportsEncryption } from "#crypto/encryption.ts";
import { supportsKeyExchange } from "#crypto/key-exchange.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import type { CipherChoice, EspProposal, IkeProposal } from "../connection.ts";
import { SecurityProtocol, TransformType } from "../message/iana.ts";
import type { Proposal, Transform } from "../message/message.ts";

/** What was agreed for an IKE SA. `integrity` is absent with an AEAD cipher. */
export interface IkeSuite {
  readonly encryption: CipherChoice;
  readonly integrity?: number;
  readonly prf: number;
  readonly keyExchange: number;
}

/** What was agreed for a Child SA. `keyExchange` is absent without PFS. */
export interface EspSuite {
  readonly encryption: CipherChoice;
  readonly integrity?: number;
  readonly keyExchange?: number;
  readonly esn: boolean;
}

/** The peer's pick: its proposal as it came, ready to be echoed by a responder, and what it amounts to. */
export interface Choice<Suite> {
  readonly suite: Suite;
  readonly proposal: Proposal;
}

/** Our IKE offer, numbered from 1. @param spi empty for the first IKE SA, 8 bytes for a rekey. */
export function offerIke(proposals: readonly IkeProposal[], spi: Uint8Array): readonly Proposal[] {
  const offers = proposals.flatMap((one) =>
    splitByAead(one.encryption).map(({ ciphers, isAead }) => [
      ...ciphers.map(cipherTransform),
      ...one.prf.map((id) => ({ type: TransformType.PRF, id })),
      ...(isAead ? [] : one.integrity.map((id) => ({ type: TransformType.INTEG, id }))),
      ...one.keyExchange.map((id) => ({ type: TransformType.KE, id })),
    ]),
  );
  return number(offers, SecurityProtocol.IKE, spi);
}

/**
 * Our ESP offer, numbered from 1.
 * @param withKeyExchange false in IKE_AUTH, where the child's keys come from the IKE SA. RFC 7296 §1.2
 */
export function offerEsp(
  proposals: readonly EspProposal[],
  spi: Uint8Array,
  withKeyExchange: boolean,
): readonly Proposal[] {
  const offers = proposals.flatMap((one) =>
    splitByAead(one.encryption).map(({ ciphers, isAead }) => [
      ...ciphers.map(cipherTransform),
      ...(isAead ? [] : one.integrity.map((id) => ({ type: TransformType.INTEG, id }))),
      ...(withKeyExchange ? one.keyExchange.map((id) => ({ type: TransformType.KE, id })) : []),
      ...esnIds(one.esn).map((id) => ({ type: TransformType.ESN, id })),
    ]),
  );
  return number(offers, SecurityProtocol.ESP, spi);
}

/**
 * Checks that `answer` picks exactly one proposal of `offered` and one transform of each type in it. RFC 7296 §2.7
 * @returns the suite, or what is wrong with the answer.
 */
export function acceptIke(
  offered: readonly Proposal[],
  answer: readonly Proposal[],
): Result<Choice<IkeSuite>, string> {
  const picked = acceptAnswer(offered, answer);
  if (!picked.ok) return picked;
  const suite = ikeSuite(picked.value.transforms);
  return suite ? ok({ suite, proposal: picked.value }) : failed("a transform is missing");
}

/** As `acceptIke`, for a Child SA. */
export function acceptEsp(
  offered: readonly Proposal[],
  answer: readonly Proposal[],
): Result<Choice<EspSuite>, string> {
  const picked = acceptAnswer(offered, answer);
  if (!picked.ok) return picked;
  if (picked.value.spi.length !== 4) return failed("the SPI of an ESP proposal has 4 bytes");
  const suite = espSuite(picked.value.transforms);
  return suite ? ok({ suite, proposal: picked.value }) : failed("a transform is missing");
}

/**
 * Chooses from a peer's IKE offer by our configuration, our preference first.
 * @param preferredKeyExchange method of the peer's KE payload: taken where it is as good, to save a round.
 * @returns undefined when nothing fits: answer NO_PROPOSAL_CHOSEN.
 */
export function chooseIke(
  configured: readonly IkeProposal[],
  offered: readonly Proposal[],
  preferredKeyExchange: number,
): Choice<IkeSuite> | undefined {
  return choose(offerIke(configured, new Uint8Array(0)), offered, preferredKeyExchange, ikeSuite);
}

/**
 * As `chooseIke`, for a Child SA. A configuration without PFS takes the peer's if we know the method.
 * @param preferredKeyExchange undefined when the request has no KE payload.
 */
export function chooseEsp(
  configured: readonly EspProposal[],
  offered: readonly Proposal[],
  preferredKeyExchange: number | undefined,
): Choice<EspSuite> | undefined {
  const theirs = offered.flatMap((one) => transformIds(one, TransformType.KE));
  const acceptable = [0, ...theirs.filter(supportsKeyExchange)];
  const ours = configured.map((one) =>
    one.keyExchange.length > 0 ? one : { ...one, keyExchange: acceptable },
  );
  return choose(offerEsp(ours, new Uint8Array(0), true), offered, preferredKeyExchange, espSuite);
}

/** Key exchange methods of our IKE offer, best first, without repeats. */
export function offeredKeyExchanges(
  proposals: readonly { readonly keyExchange: readonly number[] }[],
): readonly number[] {
  return [...new Set(proposals.flatMap(({ keyExchange }) => keyExchange))];
}

/** A proposal's transforms of one type, in order. */
export function transformIds(proposal: Proposal, type: number): readonly number[] {
  return proposal.transforms.filter((one) => one.type === type).map(({ id }) => id);
}

/** Why an answer is not one from the offer, or the proposal it picks. */
function acceptAnswer(
  offered: readonly Proposal[],
  answer: readonly Proposal[],
): Result<Proposal, string> {
  const [picked, ...more] = answer;
  if (!picked || more.length > 0) return failed(`${answer.length} proposals instead of one`);
  const offer = offered.find(({ number }) => number === picked.number);
  if (!offer) return failed(`proposal ${picked.number} was not offered`);
  if (picked.protocol !== offer.protocol) return failed("another protocol than offered");
  if (picked.spi.length !== offer.spi.length)
    return failed("an SPI of another length than offered");
  const transforms = picked.transforms.filter((one) => !isNone(one));
  const types = new Set(transforms.map(({ type }) => type));
  if (types.size !== transforms.length) return failed("two transforms of one type");
  for (const one of transforms)
    if (!offer.transforms.some((have) => sameTransform(have, one)))
      return failed(`transform ${one.type}/${one.id} was not offered`);
  const wanted = new Set(offer.transforms.filter((one) => !isNone(one)).map(({ type }) => type));
  for (const type of wanted)
    if (!types.has(type) && !mayBeNone(offer, type)) return failed(`no transform of type ${type}`);
  return ok({ ...picked, transforms });
}

function choose<Suite>(
  ours: readonly Proposal[],
  offered: readonly Proposal[],
  preferredKeyExchange: number | undefined,
  toSuite: (transforms: readonly Transform[]) => Suite | undefined,
): Choice<Suite> | undefined {
  for (const own of ours) {
    for (const theirs of offered) {
      if (theirs.protocol !== own.protocol) continue;
      const transforms = common(own, theirs, preferredKeyExchange);
      const suite = transforms && toSuite(transforms);
      if (suite) return { suite, proposal: { ...theirs, transforms } };
    }
  }
  return undefined;
}

/** One transform of each type that both have; undefined when a type of either is left without. */
function common(
  own: Proposal,
  theirs: Proposal,
  preferredKeyExchange: number | undefined,
): readonly Transform[] | undefined {
  const picked: Transform[] = [];
  const types = new Set([...own.transforms, ...theirs.transforms].map(({ type }) => type));
  for (const type of types) {
    const both = own.transforms.filter(
      (one) => one.type === type && theirs.transforms.some((other) => sameTransform(one, other)),
    );
    const first =
      type === TransformType.KE
        ? (both.find(({ id }) => id === preferredKeyExchange) ?? both[0])
        : both[0];
    if (first && !isNone(first)) picked.push(first);
    else if (!first && !(mayBeNone(own, type) && mayBeNone(theirs, type))) return undefined;
  }
  return picked;
}

function ikeSuite(transforms: readonly Transform[]): IkeSuite | undefined {
  const cipher = single(transforms, TransformType.ENCR);
  const prfId = single(transforms, TransformType.PRF)?.id;
  const keyExchange = single(transforms, TransformType.KE)?.id;
  const suite = cipher && cipherSuite(cipher, single(transforms, TransformType.INTEG)?.id);
  if (!suite || prfId === undefined || keyExchange === undefined) return undefined;
  return { ...suite, prf: prfId, keyExchange };
}

function espSuite(transforms: readonly Transform[]): EspSuite | undefined {
  const cipher = single(transforms, TransformType.ENCR);
  const keyExchange = single(transforms, TransformType.KE)?.id;
  const suite = cipher && cipherSuite(cipher, single(transforms, TransformType.INTEG)?.id);
  if (!suite) return undefined;
  return {
    ...suite,
    ...(keyExchange !== undefined && { keyExchange }),
    esn: single(transforms, TransformType.ESN)?.id === 1,
  };
}

/** AEAD stands alone, everything else needs integrity. */
function cipherSuite(
  cipher: Transform,
  integrityId: number | undefined,
): { encryption: CipherChoice; integrity?: number } | undefined {
  if (!supportsEncryption(cipher.id, cipher.keyLength)) return undefined;
  const { isAead } = encryption(cipher.id, cipher.keyLength);
  if (isAead !== (integrityId === undefined)) return undefined;
  const choice: CipherChoice =
    cipher.keyLength === undefined
      ? { id: cipher.id }
      : { id: cipher.id, keyLength: cipher.keyLength };
  return { encryption: choice, ...(integrityId !== undefined && { integrity: integrityId }) };
}

function single(transforms: readonly Transform[], type: number): Transform | undefined {
  return transforms.find((one) => one.type === type);
}

function sameTransform(a: Transform, b: Transform): boolean {
  return a.type === b.type && a.id === b.id && a.keyLength === b.keyLength;
}

/** INTEG NONE and KE NONE say that the type is absent. RFC 7296 §3.3.3 */
function isNone({ type, id }: Transform): boolean {
  return id === 0 && (type === TransformType.INTEG || type === TransformType.KE);
}

function mayBeNone(proposal: Proposal, type: number): boolean {
  const ofType = proposal.transforms.filter((one) => one.type === type);
  return ofType.length === 0 || ofType.some(isNone);
}

/** AEAD and other ciphers may not share a proposal. RFC 7296 §3.3, RFC 5282 §8 */
function splitByAead(
  ciphers: readonly CipherChoice[],
): readonly { ciphers: readonly CipherChoice[]; isAead: boolean }[] {
  const isAead = ({ id, keyLength }: CipherChoice): boolean => encryption(id, keyLength).isAead;
  const parts = [
    { ciphers: ciphers.filter(isAead), isAead: true },
    { ciphers: ciphers.filter((cipher) => !isAead(cipher)), isAead: false },
  ].filter((part) => part.ciphers.length > 0);
  const first = ciphers[0];
  return first && !isAead(first) ? parts.reverse() : parts;
}

function cipherTransform({ id, keyLength }: CipherChoice): Transform {
  return {
    type: TransformType.ENCR,
    id,
    ...(keyLength !== undefined && { keyLength }),
  };
}

function esnIds(esn: EspProposal["esn"]): readonly number[] {
  if (esn === "off") return [0];
  return esn === "require" ? [1] : [1, 0];
}

function number(
  offers: readonly (readonly Transform[])[],
  protocolId: number,
  spi: Uint8Array,
): readonly Proposal[] {
  return offers.map((transforms, index) => ({
    number: index + 1,
    protocol: protocolId,
    spi,
    transforms,
  }));
}
