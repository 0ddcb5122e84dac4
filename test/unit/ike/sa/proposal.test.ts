import { expect, test } from "vitest";
import type { EspProposal, IkeProposal } from "#ike/connection.ts";
import type { Proposal, Transform } from "#ike/message/message.ts";
import {
  acceptEsp,
  acceptIke,
  chooseEsp,
  chooseIke,
  offerEsp,
  offerIke,
} from "#ike/sa/proposal.ts";

const ENCR = 1;
const PRF = 2;
const INTEG = 3;
const KE = 4;
const ESN = 5;
const gcm256 = { id: 20, keyLength: 256 };
const gcm128 = { id: 20, keyLength: 128 };
const cbc256 = { id: 12, keyLength: 256 };
const chacha = { id: 28 };
const noSpi = new Uint8Array(0);
const spi = Uint8Array.of(0xc0, 0, 0, 1);

const strong: IkeProposal = {
  encryption: [gcm256, chacha],
  integrity: [],
  prf: [6, 5],
  keyExchange: [31, 20],
};
const classic: IkeProposal = {
  encryption: [cbc256],
  integrity: [12],
  prf: [5],
  keyExchange: [14],
};
const esp: EspProposal = {
  encryption: [gcm256, gcm128],
  integrity: [],
  keyExchange: [],
  esn: "prefer",
};

const offered = offerIke([strong, classic], noSpi);
const answer = (number: number, transforms: readonly Transform[], more: Partial<Proposal> = {}) => [
  { number, protocol: 1, spi: noSpi, transforms, ...more },
];
const goodAnswer: readonly Transform[] = [
  { type: ENCR, ...gcm256 },
  { type: PRF, id: 6 },
  { type: KE, id: 31 },
];

test("proposals are numbered from one, in the configuration's order", () => {
  expect(offered.map(({ number, protocol }) => [number, protocol])).toEqual([
    [1, 1],
    [2, 1],
  ]);
});

test("an AEAD offer carries no integrity transform, and ChaCha20 no key length", () => {
  expect(offered[0]?.transforms.some(({ type }) => type === INTEG)).toBe(false);
  expect(offered[0]?.transforms[1]).toEqual({ type: ENCR, id: 28 });
});

test("AEAD and other ciphers of one configuration go into proposals of their own", () => {
  const mixed = offerIke([{ ...classic, encryption: [cbc256, gcm256] }], noSpi);
  expect(mixed).toHaveLength(2);
  expect(mixed.map(({ transforms }) => transforms[0]?.id)).toEqual([12, 20]);
  expect(mixed.map(({ transforms }) => transforms.some(({ type }) => type === INTEG))).toEqual([
    true,
    false,
  ]);
});

test("the child of IKE_AUTH offers no key exchange, later ones do", () => {
  const pfs = [{ ...esp, keyExchange: [31] }];
  const has = (proposals: readonly Proposal[], type: number) =>
    proposals[0]?.transforms.some((one) => one.type === type);
  expect(has(offerEsp(pfs, spi, false), KE)).toBe(false);
  expect(has(offerEsp(pfs, spi, true), KE)).toBe(true);
  expect(has(offerEsp(pfs, spi, false), ESN)).toBe(true);
});

test("esn: prefer offers both with ESN first, require and off one each", () => {
  const ids = (wish: EspProposal["esn"]) =>
    offerEsp([{ ...esp, esn: wish }], spi, false)[0]
      ?.transforms.filter(({ type }) => type === ESN)
      .map(({ id }) => id);
  expect(ids("prefer")).toEqual([1, 0]);
  expect(ids("require")).toEqual([1]);
  expect(ids("off")).toEqual([0]);
});

test("an answer that picks one of each is accepted", () => {
  const accepted = acceptIke(offered, answer(1, goodAnswer));
  expect(accepted.ok && accepted.value.suite).toEqual({
    encryption: gcm256,
    prf: 6,
    keyExchange: 31,
  });
  const old = acceptIke(
    offered,
    answer(2, [
      { type: ENCR, ...cbc256 },
      { type: INTEG, id: 12 },
      { type: PRF, id: 5 },
      { type: KE, id: 14 },
    ]),
  );
  expect(old.ok && old.value.suite.integrity).toBe(12);
});

test("INTEG NONE beside an AEAD cipher says the same as leaving it out", () => {
  const accepted = acceptIke(offered, answer(1, [...goodAnswer, { type: INTEG, id: 0 }]));
  expect(accepted.ok).toBe(true);
});

const badAnswers: readonly (readonly [string, readonly Proposal[]])[] = [
  ["no proposal", []],
  ["two proposals", [...answer(1, goodAnswer), ...answer(2, goodAnswer)]],
  ["a number that was not offered", answer(3, goodAnswer)],
  ["another protocol", answer(1, goodAnswer, { protocol: 3 })],
  ["an SPI where none was", answer(1, goodAnswer, { spi: new Uint8Array(8) })],
  ["a missing type", answer(1, goodAnswer.slice(0, 2))],
  ["two of one type", answer(1, [...goodAnswer, { type: PRF, id: 5 }])],
  [
    "a transform that was not offered",
    answer(1, [...goodAnswer.slice(0, 2), { type: KE, id: 14 }]),
  ],
  [
    "a key length that was not offered",
    answer(1, [{ type: ENCR, ...gcm128 }, ...goodAnswer.slice(1)]),
  ],
  ["AES without a key length", answer(1, [{ type: ENCR, id: 20 }, ...goodAnswer.slice(1)])],
  ["a transform of the other proposal", answer(2, goodAnswer)],
  ["an integrity transform beside AEAD", answer(1, [...goodAnswer, { type: INTEG, id: 12 }])],
  [
    "CBC without integrity",
    answer(2, [
      { type: ENCR, ...cbc256 },
      { type: PRF, id: 5 },
      { type: KE, id: 14 },
    ]),
  ],
];
test.each(badAnswers)("an answer with %s is refused", (_, bad) => {
  expect(acceptIke(offered, bad).ok).toBe(false);
});

test("an ESP answer needs the ESN transform that was offered", () => {
  const offer = offerEsp([esp], spi, false);
  const pick = (transforms: readonly Transform[]) =>
    acceptEsp(offer, [{ number: 1, protocol: 3, spi: new Uint8Array(4), transforms }]);
  const chosen = pick([
    { type: ENCR, ...gcm128 },
    { type: ESN, id: 1 },
  ]);
  expect(chosen.ok && chosen.value.suite).toEqual({ encryption: gcm128, esn: true });
  expect(pick([{ type: ENCR, ...gcm128 }]).ok).toBe(false);
});

test("asked by the peer, our preference decides among what it offers", () => {
  const theirs = offerIke([{ ...strong, encryption: [chacha, gcm256], prf: [5, 6] }], noSpi);
  expect(chooseIke([strong], theirs, 31)?.suite).toEqual({
    encryption: gcm256,
    prf: 6,
    keyExchange: 31,
  });
});

test("asked by the peer, the method of its KE payload is taken when we allow it", () => {
  const theirs = offerIke([strong], noSpi);
  expect(chooseIke([strong], theirs, 20)?.suite.keyExchange).toBe(20);
  expect(chooseIke([strong], theirs, 14)?.suite.keyExchange).toBe(31);
});

test("our answer echoes number and SPI of the peer's proposal with one transform a type", () => {
  const theirs = offerEsp([{ ...esp, encryption: [cbc256], integrity: [12] }, esp], spi, true);
  const choice = chooseEsp([esp], theirs, undefined);
  expect(choice?.proposal.number).toBe(2);
  expect(choice?.proposal.spi).toEqual(spi);
  expect(choice?.proposal.transforms.map(({ type }) => type)).toEqual([ENCR, ESN]);
});

test("nothing in common gives no choice", () => {
  expect(chooseIke([strong], offerIke([classic], noSpi), 14)).toBeUndefined();
  const without = offerEsp([{ ...esp, esn: "off" }], spi, true);
  expect(chooseEsp([{ ...esp, esn: "require" }], without, undefined)).toBeUndefined();
});

test("a profile without PFS takes the hub's PFS, one with PFS insists on it", () => {
  const withPfs = offerEsp([{ ...esp, keyExchange: [31] }], spi, true);
  expect(chooseEsp([esp], withPfs, 31)?.suite.keyExchange).toBe(31);
  const withoutPfs = offerEsp([esp], spi, true);
  expect(chooseEsp([{ ...esp, keyExchange: [31] }], withoutPfs, undefined)).toBeUndefined();
});
