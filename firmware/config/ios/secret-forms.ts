/** How a router writes passwords and keys, and what can be read of them. */
import { failed, ok, type Result } from "#lib/result.ts";
import { SecretBytes } from "#lib/secret.ts";

/**
 * Reads what follows `pre-shared-key`, `password` and the like: `KEY`, `0 KEY`, `7 HEX`, `6 TEXT`, `hex DIGITS`.
 * @returns the secret, which the caller owns, or why it has to be typed in again.
 */
export function readSecretForm(text: string): Result<SecretBytes, string> {
  const [, form = "0", value = ""] = /^(?:([05-9]|hex|ascii)\s+)?(\S.*)$/i.exec(text.trim()) ?? [];
  if (value === "") return failed("there is nothing in it");
  switch (form.toLowerCase()) {
    case "0":
    case "ascii":
      return ok(new SecretBytes(new TextEncoder().encode(value)));
    case "hex":
      return readHex(value);
    case "7":
      return decodeType7(value);
    case "6":
      return failed("type 6: encrypted with a master key that the router alone has");
    default:
      return failed(`type ${form}: a one-way hash, from which nobody can read it`);
  }
}

function readHex(value: string): Result<SecretBytes, string> {
  const digits = value.replace(/^0x/i, "");
  if (!/^([0-9a-f]{2})+$/i.test(digits)) return failed("hex: not whole octets");
  return ok(new SecretBytes(octets(digits)));
}

/**
 * Decodes a type 7 password: each octet is combined with one of a fixed text of 53 octets, from a place that the first
 * two decimal digits say. It hides a password from a glance and from nothing else.
 */
export function decodeType7(value: string): Result<SecretBytes, string> {
  const match = /^(\d{2})((?:[0-9a-f]{2})+)$/i.exec(value);
  const start = Number(match?.[1]);
  if (!match || start > 52) return failed("type 7: damaged");
  const bytes = octets(match[2] ?? "").map(
    (octet, index) => octet ^ FIXED_TEXT.charCodeAt((start + index) % FIXED_TEXT.length),
  );
  return ok(new SecretBytes(bytes));
}

const FIXED_TEXT = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

const octets = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));

/**
 * A line of the router as it may be shown: all that stands behind a word that announces a secret is masked, for after a
 * key there may be more of it, and so are credentials within URLs.
 */
export function maskSecrets(line: string): string {
  const words = line.split(/\s+/);
  const isShared = /^(standby|vrrp|glbp|ip\s+nhrp|nhrp)\s.*authenticat/i.test(line);
  const isTrap = /^snmp-server\s+(host|trap)/i.test(line);
  const at = words.findIndex(
    (word, index) =>
      ANNOUNCES.test(word) || (isShared && /^authenticat/i.test(word)) || (isTrap && index === 2),
  );
  const shown = at < 0 || at === words.length - 1 ? words : [...words.slice(0, at + 1), "•••"];
  const text = shown.join(" ").replace(/(\w+:\/\/)[^\s/@]+@/g, "$1•••@");
  const isLong = text.length > LONGEST;
  return isLong ? `${text.slice(0, LONGEST)}…` : text;
}

const ANNOUNCES =
  /^(pre-sh\S*|passw\S*|pass|passphrase|secr\S*|key|key-st\S*|(\S+-)?(authentication|digest|shared)-key|communi\S*|md5|auth|priv|wpa-psk|psk|pin|token|sent-username|chap|pap|pap_chap)$/i;
const LONGEST = 90;
