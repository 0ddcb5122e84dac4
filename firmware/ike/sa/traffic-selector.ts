/**
 * Traffic selectors: prefixes to ranges and back, subset and intersection. Knows no SA and no policy; a selector is
 * what RFC 7296 §3.13.1 puts on the wire. RFC 7296 §2.9.
 */
import { compareBytes } from "#lib/bytes.ts";
import type { Prefix } from "#lib/ip.ts";
import { ipBytes, ipFromBytes, prefixRange, rangeToPrefixes } from "#lib/ip.ts";
import type { WireTrafficSelector } from "../message/message.ts";

/** Every address of a prefix, any protocol and port. */
export function selectorOf(prefix: Prefix): WireTrafficSelector {
  const { first, last } = prefixRange(prefix);
  const startAddress = ipBytes(first);
  return {
    type: startAddress.length === 4 ? IPV4_RANGE : IPV6_RANGE,
    ipProtocol: 0,
    startPort: 0,
    endPort: 65_535,
    startAddress,
    endAddress: ipBytes(last),
  };
}

/** The addresses of selectors as prefixes, without repeats; protocols and ports are left out. */
export function prefixesOf(selectors: readonly WireTrafficSelector[]): readonly Prefix[] {
  const prefixes = new Set<Prefix>();
  for (const { type, startAddress, endAddress } of selectors) {
    if (type !== IPV4_RANGE && type !== IPV6_RANGE) continue;
    const range = rangeToPrefixes(ipFromBytes(startAddress), ipFromBytes(endAddress));
    for (const prefix of range) prefixes.add(prefix);
  }
  return [...prefixes];
}

/** True when `inner` selects nothing that `outer` does not. */
export function selectorContains(outer: WireTrafficSelector, inner: WireTrafficSelector): boolean {
  return (
    outer.type === inner.type &&
    (outer.ipProtocol === 0 || outer.ipProtocol === inner.ipProtocol) &&
    portsContain(outer, inner) &&
    compareBytes(outer.startAddress, inner.startAddress) <= 0 &&
    compareBytes(outer.endAddress, inner.endAddress) >= 0
  );
}

/** True when every selector of `inner` lies in one of `outer`, and there is at least one. RFC 7296 §2.9: a response narrows */
export function isNarrowing(
  inner: readonly WireTrafficSelector[],
  outer: readonly WireTrafficSelector[],
): boolean {
  return inner.length > 0 && inner.every((one) => outer.some((all) => selectorContains(all, one)));
}

/** What `wanted` and `allowed` have in common, in the order of `wanted`; empty means TS_UNACCEPTABLE. */
export function narrow(
  wanted: readonly WireTrafficSelector[],
  allowed: readonly WireTrafficSelector[],
): readonly WireTrafficSelector[] {
  const common: WireTrafficSelector[] = [];
  for (const want of wanted) {
    for (const allow of allowed) {
      const both = intersect(want, allow);
      if (both && !common.some((kept) => selectorContains(kept, both))) common.push(both);
    }
  }
  return common;
}

/** `10.0.0.0/8`, `10.1.0.1-10.1.0.7`, with `proto` and ports only where they select. For messages to people. */
export function formatSelector(selector: WireTrafficSelector): string {
  const { ipProtocol, startPort, endPort } = selector;
  const prefixes = prefixesOf([selector]);
  const addresses =
    prefixes.length === 1
      ? prefixes[0]
      : `${ipFromBytes(selector.startAddress)}-${ipFromBytes(selector.endAddress)}`;
  const protocol = ipProtocol === 0 ? "" : ` protocol ${ipProtocol}`;
  const ports = startPort === 0 && endPort === 65_535 ? "" : ` port ${startPort}-${endPort}`;
  return `${addresses}${protocol}${ports}`;
}

export function formatSelectors(selectors: readonly WireTrafficSelector[]): string {
  return selectors.map(formatSelector).join(", ") || "none";
}

function portsContain(outer: WireTrafficSelector, inner: WireTrafficSelector): boolean {
  if (outer.startPort === 0 && outer.endPort === 65_535) return true;
  if (isOpaque(outer) || isOpaque(inner)) return isOpaque(outer) && isOpaque(inner);
  return outer.startPort <= inner.startPort && outer.endPort >= inner.endPort;
}

/** Ports that can't be seen, such as those of a later fragment. RFC 7296 §3.13.1 */
function isOpaque({ startPort, endPort }: WireTrafficSelector): boolean {
  return startPort === 65_535 && endPort === 0;
}

function intersect(
  a: WireTrafficSelector,
  b: WireTrafficSelector,
): WireTrafficSelector | undefined {
  if (a.type !== b.type) return undefined;
  if (a.ipProtocol !== 0 && b.ipProtocol !== 0 && a.ipProtocol !== b.ipProtocol) return undefined;
  const ports = intersectPorts(a, b);
  if (!ports) return undefined;
  const startAddress = later(a.startAddress, b.startAddress);
  const endAddress = earlier(a.endAddress, b.endAddress);
  if (compareBytes(startAddress, endAddress) > 0) return undefined;
  return {
    type: a.type,
    ipProtocol: a.ipProtocol === 0 ? b.ipProtocol : a.ipProtocol,
    ...ports,
    startAddress,
    endAddress,
  };
}

function intersectPorts(
  a: WireTrafficSelector,
  b: WireTrafficSelector,
): { startPort: number; endPort: number } | undefined {
  if (portsContain(a, b)) return { startPort: b.startPort, endPort: b.endPort };
  if (portsContain(b, a)) return { startPort: a.startPort, endPort: a.endPort };
  const startPort = Math.max(a.startPort, b.startPort);
  const endPort = Math.min(a.endPort, b.endPort);
  return startPort <= endPort ? { startPort, endPort } : undefined;
}

function later(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareBytes(a, b) >= 0 ? a : b;
}

function earlier(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareBytes(a, b) <= 0 ? a : b;
}

const IPV4_RANGE = 7;
const IPV6_RANGE = 8;
