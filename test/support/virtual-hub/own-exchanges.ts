/**
 * What the virtual hub asks of the branch: liveness, deletes, new children, rekeys. Each is built when its turn comes
 * and settles collisions by the nonces, as RFC 7296 §2.8.1 and §2.8.2 say.
 */
import { toHex } from "#lib/bytes.ts";
import type { HubChild } from "./child-sa.ts";
import type { HubCore } from "./core.ts";
import {
  addChild,
  ikeSpiBytes,
  inherit,
  readIkeSpi,
  readSpi,
  spiBytes,
  successorOf,
} from "./create-child.ts";
import { type HubIkeSa, lowestNonce, type OwnExchange } from "./ike-sa.ts";
import { dropChild } from "./informational.ts";
import { deriveChild, type Exchange, newExchange } from "./keys.ts";
import { type EspSuite, espTransforms, ikeTransforms, suiteOf } from "./suite.ts";
import {
  EXCHANGE,
  find,
  findError,
  findNotify,
  ke,
  NOTIFY,
  nonce,
  notify,
  PAYLOAD,
  PROTOCOL,
  readKe,
  readSa,
  readTs,
  remove,
  sa as saPayload,
  ts,
  type WirePayload,
  type WireSelector,
} from "./wire.ts";

/** An INFORMATIONAL with whatever payloads; empty for liveness. */
export function informational(
  payloads: readonly WirePayload[],
  onAnswer: (payloads: readonly WirePayload[]) => void = () => {},
): OwnExchange {
  return {
    name: "informational",
    exchange: EXCHANGE.INFORMATIONAL,
    build: () => payloads,
    done: onAnswer,
  };
}

/** Closes one child; the answer names the branch's half. */
export function deleteChild(child: HubChild): OwnExchange {
  return {
    name: "delete-child",
    exchange: EXCHANGE.INFORMATIONAL,
    child,
    build: () => {
      if (child.state === "gone") return undefined;
      child.state = "deleting";
      return [remove(PROTOCOL.ESP, [child.spiIn])];
    },
    done: () => {
      if (child.state !== "gone") dropChild(child);
    },
  };
}

/** Closes an IKE SA. */
export function deleteIke(core: HubCore, sa: HubIkeSa): OwnExchange {
  return {
    name: "delete-ike",
    exchange: EXCHANGE.INFORMATIONAL,
    build: () => {
      sa.state = "deleting";
      return [remove(PROTOCOL.IKE, [])];
    },
    done: () => core.forget(sa),
  };
}

/** Rekeys `child`, or makes a new one with the same selectors and algorithms when `isNew`. RFC 7296 §1.3.1, §1.3.3 */
export function createChild(
  core: HubCore,
  child: HubChild,
  options: { readonly isNew: boolean; readonly group?: number },
): OwnExchange {
  const group = options.group ?? core.settings.childRekeyGroup;
  const suite: EspSuite = { ...child.suite, group };
  const spiIn = core.newEspSpi();
  const nonceInitiator = core.random.bytes(32);
  const own = group === 0 ? undefined : newExchange(group);
  return {
    name: options.isNew ? "create-child" : "rekey-child",
    exchange: EXCHANGE.CREATE_CHILD_SA,
    ...(options.isNew ? {} : { child }),
    build: () => {
      if (!options.isNew && child.state !== "up") return undefined;
      if (child.owner.state !== "established") return undefined;
      const about = { protocol: PROTOCOL.ESP, spi: spiBytes(child.spiIn) };
      return [
        ...(options.isNew ? [] : [notify(NOTIFY.REKEY_SA, undefined, about)]),
        ...(child.isTransport ? [notify(NOTIFY.USE_TRANSPORT_MODE)] : []),
        saPayload([
          {
            number: 1,
            protocol: PROTOCOL.ESP,
            spi: spiBytes(spiIn),
            transforms: espTransforms(suite),
          },
        ]),
        nonce(nonceInitiator),
        ...(own ? [ke(group, own.publicValue)] : []),
        ts("TSi", child.local),
        ts("TSr", child.remote),
      ];
    },
    done: (payloads) => {
      const error = findError(payloads);
      if (error) childRefused(core, child, options, error.type, error.data);
      else childMade(core, child, options.isNew, { spiIn, nonceInitiator, own, payloads });
    },
  };
}

function childRefused(
  core: HubCore,
  child: HubChild,
  options: { readonly isNew: boolean },
  error: number,
  data: Uint8Array,
): void {
  const sa = child.owner;
  if (error === NOTIFY.INVALID_KE_PAYLOAD) {
    const group = ((data[0] ?? 0) << 8) | (data[1] ?? 0);
    sa.start(createChild(core, child, { ...options, group }));
  } else if (error === NOTIFY.TEMPORARY_FAILURE) {
    core.clock.after(core.settings.temporaryFailureWait, () => {
      if (child.state === "up") child.owner.start(createChild(core, child, options));
    });
  } else if (error === NOTIFY.CHILD_SA_NOT_FOUND && !options.isNew) {
    const isReplaced = child.collision !== undefined || child.state !== "up";
    if (!isReplaced) sa.start(createChild(core, child, { isNew: true }));
    if (child.state !== "gone") dropChild(child);
  }
  if (child.collision && child.state === "up") child.state = "replaced";
}

interface Made {
  readonly spiIn: number;
  readonly nonceInitiator: Uint8Array;
  readonly own: Exchange | undefined;
  readonly payloads: readonly WirePayload[];
}

function childMade(core: HubCore, old: HubChild, isNew: boolean, made: Made): void {
  const { spiIn, nonceInitiator, own, payloads } = made;
  const sa = old.owner;
  const proposal = readSa(find(payloads, PAYLOAD.SA)?.body ?? new Uint8Array())[0];
  const nonceResponder = find(payloads, PAYLOAD.Nonce)?.body;
  if (!proposal || !nonceResponder)
    throw new Error("the branch answered a rekey without SA or nonce");
  const suite = suiteOf(proposal);
  const keyExchange = find(payloads, PAYLOAD.KE);
  const secret = own && keyExchange ? own.agree(readKe(keyExchange.body).data) : new Uint8Array();
  if (own && !keyExchange) throw new Error("the branch answered a rekey with PFS without KE");
  if (!secret) throw new Error("the branch sent a public value outside the group");
  const keys = deriveChild(
    { prf: sa.suite.prf, d: sa.keys.d },
    suite,
    secret,
    nonceInitiator,
    nonceResponder,
  );
  const child = addChild(core, sa, {
    spiIn,
    spiOut: readSpi(proposal.spi),
    suite,
    inbound: keys.responder,
    outbound: keys.initiator,
    local: selectors(payloads, PAYLOAD.TSi),
    remote: selectors(payloads, PAYLOAD.TSr),
    isTransport: findNotify(payloads, NOTIFY.USE_TRANSPORT_MODE) !== undefined,
  });
  if (isNew) return;
  const { collision } = old;
  const lost = collision && isLowest([nonceInitiator, nonceResponder], collision.nonces);
  if (lost) {
    if (old.state === "up") old.state = "replaced";
    sa.start(deleteChild(child));
  } else if (old.state === "up") {
    // from here on, though its Delete may have to wait for the window
    old.state = "deleting";
    sa.start(deleteChild(old));
  }
}

function selectors(payloads: readonly WirePayload[], type: number): WireSelector[] {
  return readTs(find(payloads, type)?.body ?? Uint8Array.of(0, 0, 0, 0));
}

/** Rekeys an IKE SA. RFC 7296 §1.3.2 */
export function rekeyIke(core: HubCore, sa: HubIkeSa, group = sa.suite.group): OwnExchange {
  const spiInitiator = core.newIkeSpi();
  const nonceInitiator = core.random.bytes(32);
  const own = newExchange(group);
  return {
    name: "rekey-ike",
    exchange: EXCHANGE.CREATE_CHILD_SA,
    build: () => {
      if (sa.state !== "established") return undefined;
      const transforms = ikeTransforms({ ...sa.suite, group });
      return [
        saPayload([
          { number: 1, protocol: PROTOCOL.IKE, spi: ikeSpiBytes(spiInitiator), transforms },
        ]),
        nonce(nonceInitiator),
        ke(group, own.publicValue),
      ];
    },
    done: (payloads) => {
      const error = findError(payloads);
      if (error) ikeRefused(core, sa, error.type, error.data);
      else ikeMade(core, sa, { spiInitiator, nonceInitiator, own, payloads });
    },
  };
}

function ikeRefused(core: HubCore, sa: HubIkeSa, error: number, data: Uint8Array): void {
  if (sa.collision) {
    if (sa.state === "established") inherit(core, sa, sa.collision.sa);
    return;
  }
  if (error === NOTIFY.INVALID_KE_PAYLOAD) {
    sa.start(rekeyIke(core, sa, ((data[0] ?? 0) << 8) | (data[1] ?? 0)));
  } else if (error === NOTIFY.TEMPORARY_FAILURE) {
    core.clock.after(core.settings.temporaryFailureWait, () => {
      if (sa.state === "established") sa.start(rekeyIke(core, sa));
    });
  }
}

function ikeMade(
  core: HubCore,
  old: HubIkeSa,
  made: Omit<Made, "spiIn" | "own"> & { spiInitiator: bigint; own: Exchange },
): void {
  const { payloads, own, nonceInitiator, spiInitiator } = made;
  const proposal = readSa(find(payloads, PAYLOAD.SA)?.body ?? new Uint8Array())[0];
  const nonceResponder = find(payloads, PAYLOAD.Nonce)?.body;
  const keyExchange = find(payloads, PAYLOAD.KE);
  if (!proposal || !nonceResponder || !keyExchange) {
    throw new Error("the branch answered an IKE rekey without SA, nonce or KE");
  }
  const secret = own.agree(readKe(keyExchange.body).data);
  if (!secret) throw new Error("the branch sent a public value outside the group");
  const fresh = successorOf(core, old, {
    isInitiator: true,
    spiInitiator,
    spiResponder: readIkeSpi(proposal.spi),
    suite: suiteOf(proposal),
    secret,
    nonceInitiator,
    nonceResponder,
  });
  const { collision } = old;
  old.collision = undefined;
  const lost = collision && isLowest([nonceInitiator, nonceResponder], collision.nonces);
  if (collision && lost) {
    inherit(core, old, collision.sa);
    fresh.state = "redundant";
    fresh.start(deleteIke(core, fresh));
    return;
  }
  inherit(core, old, fresh);
  old.start(deleteIke(core, old));
  if (collision && collision.sa.state !== "gone") {
    collision.sa.state = "redundant";
    core.clock.after(120_000, () => core.forget(collision.sa));
  }
}

/** Whether the lowest of four nonces is one of `mine`: then what they made is to be closed by who made it. */
function isLowest(mine: readonly Uint8Array[], theirs: readonly Uint8Array[]): boolean {
  const lowest = toHex(lowestNonce([...mine, ...theirs]));
  return mine.some((candidate) => toHex(candidate) === lowest);
}
