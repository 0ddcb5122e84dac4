import { DerTag, readDerConstructed, readDerSeries } from "#crypto/der.ts";
import { normalizeValue, readDn } from "./dn.ts";
import { type GeneralName, readGeneralName } from "./general-name.ts";

/** Subtrees that names below a CA must or must not be in. RFC 5280 §4.2.1.10 */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** @returns undefined for what is malformed, or has bounds other than the only ones that RFC 5280 allows. */
export function readNameConstraints(der: Uint8Array): NameConstraints | undefined {
  const fields = readDerConstructed(der, DerTag.SEQUENCE);
  if (!fields) return undefined;
  const subtrees = (tag: number): readonly GeneralName[] | undefined => {
    const field = fields.find((one) => one.tag === tag);
    const list = field ? readDerSeries(field.content) : [];
    const bases = list?.map(({ content }) => readDerSeries(content) ?? []);
    if (!bases?.every((base) => base.length === 1)) return undefined;
    return bases.flat().map(readGeneralName);
  };
  const [permitted, excluded] = [subtrees(0xa0), subtrees(0xa1)];
  return permitted && excluded ? { permitted, excluded } : undefined;
}

/**
 * True when every name may stand below a CA with these constraints. A kind of name that is constrained only by subtrees
 * that are not understood here is refused.
 */
export function namesAllowed(constraints: NameConstraints, names: readonly GeneralName[]): boolean {
  return names.every((name) => {
    const ofKind = (subtree: GeneralName) => sameKind(subtree, name);
    const permitted = constraints.permitted.filter(ofKind);
    if (constraints.excluded.filter(ofKind).some((subtree) => isInside(subtree, name, true)))
      return false;
    return permitted.length === 0 || permitted.some((subtree) => isInside(subtree, name, false));
  });
}

function sameKind(subtree: GeneralName, name: GeneralName): boolean {
  if (subtree.kind === "other" && name.kind === "other") return subtree.tag === name.tag;
  return subtree.kind === name.kind;
}

/** `unsure` is the answer for names that can't be compared. */
function isInside(subtree: GeneralName, name: GeneralName, unsure: boolean): boolean {
  if (subtree.kind === "dns" && name.kind === "dns") return isSubdomain(name.value, subtree.value);
  if (subtree.kind === "email" && name.kind === "email")
    return isMailInside(name.value, subtree.value);
  if (subtree.kind === "ip" && name.kind === "ip")
    return isAddressInside(name.bytes, subtree.bytes);
  if (subtree.kind === "dn" && name.kind === "dn") return isNameInside(name.der, subtree.der);
  return unsure;
}

/** `example.net` holds itself and every name below it. RFC 5280 §4.2.1.10 */
function isSubdomain(name: string, domain: string): boolean {
  const [inner, outer] = [name.toLowerCase(), domain.toLowerCase().replace(/^\./, "")];
  return outer === "" || inner === outer || inner.endsWith(`.${outer}`);
}

/** A whole mailbox, all of a host, or with a leading dot all hosts below a domain. */
function isMailInside(mail: string, constraint: string): boolean {
  const [address, limit] = [mail.toLowerCase(), constraint.toLowerCase()];
  if (limit.includes("@")) return address === limit;
  const host = address.slice(address.lastIndexOf("@") + 1);
  return limit.startsWith(".") ? host.endsWith(limit) : host === limit;
}

/** Address and mask of the same length, back to back. */
function isAddressInside(address: Uint8Array, range: Uint8Array): boolean {
  if (range.length !== address.length * 2) return false;
  return address.every((byte, index) => {
    const mask = range[address.length + index] ?? 0;
    return (byte & mask) === ((range[index] ?? 0) & mask);
  });
}

/** The constraint's parts are the first parts of the name. */
function isNameInside(name: Uint8Array, constraint: Uint8Array): boolean {
  const [inner, outer] = [readDn(name), readDn(constraint)];
  if (!inner || !outer || inner.length < outer.length) return false;
  return outer.every((part, index) => {
    const text = (one: typeof part | undefined) =>
      one
        ?.map(({ type, value }) => `${type}=${normalizeValue(value)}`)
        .sort()
        .join("+");
    return text(part) === text(inner[index]);
  });
}
