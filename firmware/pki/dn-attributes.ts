/** The dotted object identifier of an attribute type given as short name, in any case, or as dotted numbers. */
export function attributeOid(type: string): string | undefined {
  if (/^[0-2](\.\d{1,9})+$/.test(type)) return type;
  const wanted = type.toLowerCase();
  return attributeTypes.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? aliases.get(wanted);
}

/** The short name of an attribute type, or its dotted numbers when it has none here. */
export function attributeType(oid: string): string {
  return attributeTypes.find(([, known]) => known === oid)?.[0] ?? oid;
}

/** RFC 4514 §3, RFC 4519, RFC 2985; unstructuredName is what Cisco puts a router's host name into. */
const attributeTypes: readonly (readonly [name: string, oid: string])[] = [
  ["CN", "2.5.4.3"],
  ["SN", "2.5.4.4"],
  ["serialNumber", "2.5.4.5"],
  ["C", "2.5.4.6"],
  ["L", "2.5.4.7"],
  ["ST", "2.5.4.8"],
  ["street", "2.5.4.9"],
  ["O", "2.5.4.10"],
  ["OU", "2.5.4.11"],
  ["title", "2.5.4.12"],
  ["description", "2.5.4.13"],
  ["postalCode", "2.5.4.17"],
  ["name", "2.5.4.41"],
  ["GN", "2.5.4.42"],
  ["initials", "2.5.4.43"],
  ["dnQualifier", "2.5.4.46"],
  ["organizationIdentifier", "2.5.4.97"],
  ["UID", "0.9.2342.19200300.100.1.1"],
  ["DC", "0.9.2342.19200300.100.1.25"],
  ["E", "1.2.840.113549.1.9.1"],
  ["unstructuredName", "1.2.840.113549.1.9.2"],
  ["unstructuredAddress", "1.2.840.113549.1.9.8"],
];

/** Other spellings that people and tools use. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["emailaddress", "1.2.840.113549.1.9.1"],
  ["email", "1.2.840.113549.1.9.1"],
  ["commonname", "2.5.4.3"],
  ["s", "2.5.4.8"],
  ["givenname", "2.5.4.42"],
  ["surname", "2.5.4.4"],
  ["hostname", "1.2.840.113549.1.9.2"],
]);
