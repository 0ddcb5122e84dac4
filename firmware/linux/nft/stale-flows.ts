/**
 * Which tracked flows hold on to a translation that is not right any more. The kernel decides once a flow how to
 * translate it; a ping that runs on, or a busy UDP flow, would keep a former address for ever. It touches nothing.
 */
import { type IpAddress, type Prefix, prefixContains } from "#lib/ip.ts";
import type { TrackedFlow } from "./nfnetlink-codec.ts";

/** What is known about translation when it changes. */
export interface TranslationChange {
  /** Addresses that flows were translated to before, and are not any more. */
  readonly former: ReadonlySet<IpAddress>;
  /** Networks of the interfaces whose traffic is translated. */
  readonly inside: readonly Prefix[];
  /** Networks behind the hub, as far as they are known. */
  readonly protectedNetworks: readonly Prefix[];
  /** Every address of this machine, the new translations among them. */
  readonly own: ReadonlySet<IpAddress>;
}

/**
 * True when the flow should be forgotten: it is translated to a former address; or it goes to a protected network under
 * an address that is nobody's, as after a restart that brought another one; or it left the inside untranslated while
 * there was no rule. Forgetting a flow that isn't translated costs nothing: its next packet starts it anew.
 */
export function isStale(
  { source, destination, answersTo }: TrackedFlow,
  change: TranslationChange,
): boolean {
  const isInside = (address: IpAddress) =>
    change.inside.some((network) => prefixContains(network, address));
  if (answersTo === source) return isInside(source) && !isInside(destination);
  if (change.former.has(answersTo)) return true;
  const isProtected = change.protectedNetworks.some((network) =>
    prefixContains(network, destination),
  );
  return isProtected && isInside(source) && !change.own.has(answersTo);
}
