/** The impairments that change what a message of the virtual hub says. */
import { type Impairments, matches } from "./impair.ts";
import { TRANSFORM } from "./suite.ts";
import { notify, PAYLOAD, readSa, sa, type WirePayload, type WireProposal } from "./wire.ts";

/** The payloads to send instead; the same ones when no such impairment is on. */
export function spoilPayloads(
  impairments: Impairments,
  payloads: readonly WirePayload[],
  exchange: number,
  isResponse: boolean,
): readonly WirePayload[] {
  const about = ({ match }: { match: Parameters<typeof matches>[0] }) =>
    matches(match, exchange, isResponse);
  let spoiled = [...payloads];
  const unknown = impairments.take("unknown-payload", about);
  if (unknown) {
    const { isCritical } = unknown;
    spoiled.push({ type: 200, body: Uint8Array.of(1, 2, 3), isCritical });
  }
  const extra = impairments.take("extra-notify", about);
  if (extra) spoiled.unshift(notify(extra.notify, Uint8Array.of(1, 2, 3, 4)));
  const omitted = impairments.take("omit", about);
  if (omitted) spoiled = spoiled.filter(({ type }) => type !== omitted.payload);
  if (isResponse) {
    const odd = impairments.take("proposal-not-offered", (i) => i.exchange === exchange);
    if (odd) spoiled = spoiled.map((payload) => spoilProposal(payload, odd.how));
    if (impairments.take("reverse-payloads")) spoiled.reverse();
  }
  return spoiled;
}

function spoilProposal(
  payload: WirePayload,
  how: "cipher" | "number" | "two-proposals" | "spi-size",
): WirePayload {
  if (payload.type !== PAYLOAD.SA) return payload;
  const [chosen] = readSa(payload.body);
  return chosen ? sa(spoiledChoice(chosen, how)) : payload;
}

function spoiledChoice(
  chosen: WireProposal,
  how: "cipher" | "number" | "two-proposals" | "spi-size",
): WireProposal[] {
  if (how === "number") return [{ ...chosen, number: chosen.number + 7 }];
  if (how === "two-proposals") return [chosen, { ...chosen, number: chosen.number + 1 }];
  if (how === "spi-size") return [{ ...chosen, spi: new Uint8Array(chosen.spi.length + 2) }];
  const transforms = chosen.transforms.map((transform) =>
    transform.type === TRANSFORM.ENCR ? { type: TRANSFORM.ENCR, id: 3 } : transform,
  );
  return [{ ...chosen, transforms }];
}
