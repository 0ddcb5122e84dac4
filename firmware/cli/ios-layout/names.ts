/** Names of algorithms, endpoints and times as IOS spells them. Spellings that IOS lacks are those of IANA, in capitals. */
import { keyExchangeNames } from "#config/algorithms.ts";
import type { IkeSaState, IpsecSaState } from "#state/document.ts";

/** `AES-CBC, keysize: 256, PRF: SHA512, Hash: SHA512, DH Grp:19, Auth sign: PSK, Auth verify: PSK`; zeros while unknown. */
export function ikeSuite(sa: IkeSaState): string {
  const { authentication: proof } = sa;
  return [
    `Encr: ${sa.encryption === undefined ? UNKNOWN : ikeCipher(sa.encryption)}`,
    `PRF: ${sa.prf === undefined ? UNKNOWN : prfName(sa.prf)}`,
    `Hash: ${sa.integrity === undefined ? "None" : integrityName(sa.integrity)}`,
    `DH Grp:${groupNumber(sa["key-exchange"])}`,
    `Auth sign: ${proof ? authentication(proof.local) : UNKNOWN}`,
    `Auth verify: ${proof ? authentication(proof.remote) : UNKNOWN}`,
  ].join(", ");
}

/** `esp-256-aes esp-sha256-hmac ,`, `esp-gcm 256 ,` */
export function espTransform({ encryption, integrity }: IpsecSaState): string {
  const { family, keyBits } = cipher(encryption);
  const ciphers: Readonly<Record<string, string>> = {
    cbc: keyBits === "128" ? "esp-aes" : `esp-${keyBits}-aes`,
    gcm: keyBits === "128" ? "esp-gcm" : `esp-gcm ${keyBits}`,
  };
  const name = ciphers[family] ?? `esp-${encryption}`;
  return integrity === undefined ? `${name} ,` : `${name} ${espIntegrity(integrity)} ,`;
}

/** Bytes of the initialization vector that each packet carries. RFC 3602 §2.1, RFC 4106 §3.1, RFC 7634 §2 */
export function ivBytes({ encryption }: IpsecSaState): number {
  return cipher(encryption).family === "cbc" ? 16 : 8;
}

/** IANA's number of a key exchange method, which IOS calls a group; 0 while unknown. */
export function groupNumber(name: string | undefined): number {
  return keyExchangeNames.get(name ?? "") ?? 0;
}

/** `203.0.113.1/4500`, as IOS writes an endpoint. */
export function slashed(endpoint: string): string {
  const { address, port } = splitEndpoint(endpoint);
  return port === undefined ? address : `${address}/${port}`;
}

/** Address and port of `203.0.113.1:4500` or `[2001:db8::1]:4500`; a bare address has no port. */
export function splitEndpoint(endpoint: string): {
  readonly address: string;
  readonly port: string | undefined;
} {
  const bracketed = /^\[(.*)\]:(\d+)$/.exec(endpoint) ?? /^([^:]*):(\d+)$/.exec(endpoint);
  return { address: bracketed?.[1] ?? endpoint, port: bracketed?.[2] };
}

/** `10.0.0.0 255.0.0.0` of `10.0.0.0/8`, joined by `separator`; IPv6 keeps its length. */
export function addressAndMask(prefix: string, separator: string): string {
  const [address = "", length = ""] = prefix.split("/");
  if (address.includes(":")) return `${address}/${length}`;
  return `${address}${separator}${netmask(Number(length))}`;
}

/** `255.255.240.0` of 20. */
export function netmask(length: number): string {
  const bits = length === 0 ? 0 : 0xffff_ffff << (32 - length);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join(".");
}

/** Eight hexadecimal digits in capitals, of an SPI with or without `0x`. */
export function spiDigits(spi: string): string {
  return spi.replace(/^0x/, "").toUpperCase();
}

function ikeCipher(name: string): string {
  const { family, keyBits } = cipher(name);
  if (family === "") return name.toUpperCase();
  return `AES-${family.toUpperCase()}, keysize: ${keyBits}`;
}

/** Of `aes-gcm-256`, `aes-gcm-16-256` (with the octets of its ICV), `aes-gcm-256-icv12`; no family for any other. */
function cipher(name: string): { readonly family: string; readonly keyBits: string } {
  const [, family = "", keyBits = ""] =
    /^aes-(cbc|gcm|ccm)(?:-(?:8|12|16))?-(128|192|256)(?:-icv\d+)?$/.exec(name) ?? [];
  return { family, keyBits };
}

function prfName(name: string): string {
  const bits = shaBits(name);
  return bits === undefined ? name.toUpperCase() : `SHA${bits}`;
}

/** IOS calls HMAC-SHA1-96 by the length that it is cut to. */
function integrityName(name: string): string {
  const bits = shaBits(name);
  return bits === "1" ? "SHA96" : prfName(name);
}

function espIntegrity(name: string): string {
  const bits = shaBits(name);
  return bits === "1" ? "esp-sha-hmac" : `esp-sha${bits ?? ""}-hmac`;
}

/** Of `sha256`, `hmac-sha2-256-128`, `hmac-sha1-96`. */
function shaBits(name: string): string | undefined {
  return /sha(?:2-)?(1|256|384|512)/.exec(name)?.[1];
}

function authentication(description: string): string {
  if (/^(psk|shared key)$/i.test(description)) return "PSK";
  const [known] = /ECDSA|RSA/i.exec(description) ?? [];
  return (known ?? description.split(" ")[0] ?? "").toUpperCase();
}

const UNKNOWN = "Unknown - 0";
