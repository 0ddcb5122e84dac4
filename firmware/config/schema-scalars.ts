/** The kinds of values that the configuration is made of. Each says in its own words what is wrong and what is allowed. */
import * as z from "zod/mini";
import type { Duration } from "#lib/duration.ts";
import { formatDuration } from "#lib/duration.ts";
import { parseIpAddress, parsePrefix, splitPrefix } from "#lib/ip.ts";
import { durationPattern, parseDuration } from "./duration-syntax.ts";
import {
  identityForms,
  isDnsName,
  parseIdentity,
  parseIdentityPattern,
} from "./identity-syntax.ts";
import { formatSize, parsePercent, parseSize, sizePattern } from "./size-syntax.ts";

/** Text for which `fault` returns undefined; otherwise its sentence. `wanted` says what it should have been. */
export function text(
  wanted: string,
  fault: (value: string) => string | undefined,
  pattern?: string,
) {
  const schema = z.string({ error: wrongKind(wanted) }).check(
    z.check((context) => {
      const message = fault(context.value);
      if (message) context.issues.push({ code: "custom", input: context.value, message });
    }),
  );
  return schema.register(z.globalRegistry, {
    description: wanted,
    ...(pattern === undefined ? {} : { pattern }),
  });
}

/** The sentence for a value of another kind than was `wanted`. */
export const wrongKind = (wanted: string): string => `wrong kind of value (${wanted})`;

/** True or false. */
export const flag = z.boolean({ error: wrongKind("true or false") });

/** A duration from `least` to `most`, kept as text. */
export function duration(least: Duration, most: Duration) {
  const range = `${formatDuration(least)} to ${formatDuration(most)}`;
  const wanted = `a duration such as 500ms, 10s, 5m or 1h, from ${range}`;
  return text(
    wanted,
    (value) => {
      const parsed = parseDuration(value);
      if (parsed === undefined) return `not a duration (500ms, 10s, 5m, 1h; ${range})`;
      return parsed < least || parsed > most ? `out of range (${range})` : undefined;
    },
    durationPattern,
  );
}

/** A size from `least` bytes, kept as text. */
export function size(least: number) {
  return text(
    `a size such as 64KiB, 4500MiB or 10GiB, at least ${formatSize(least)}`,
    (value) => {
      const parsed = parseSize(value);
      if (parsed === undefined) return `not a size (64KiB, 4500MiB, 10GiB)`;
      return parsed < least ? `too small (at least ${formatSize(least)})` : undefined;
    },
    sizePattern,
  );
}

export const percent = text("a percentage such as 10%", (value) =>
  parsePercent(value) === undefined ? "not a percentage (0% to 100%)" : undefined,
);

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number) {
  const error = wrongKind(`a whole number from ${least} to ${most}`);
  return z.int({ error }).check(z.gte(least, { error }), z.lte(most, { error }));
}

/** One of a list of words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words);
}

/** One of the keys of an algorithm table. */
export function algorithm(table: ReadonlyMap<string, unknown>) {
  return z.enum([...table.keys()] as [string, ...string[]]);
}

const secretError = "not a secret (text in quotes, { file: PATH } or { env: NAME })";
/** Text, or where to read it. */
export const secret = z.union(
  [
    z.string({ error: secretError }).check(z.minLength(1, { error: "the secret is empty" })),
    z.strictObject({ file: z.string().check(z.minLength(1)) }),
    z.strictObject({ env: z.string().check(z.minLength(1)) }),
  ],
  { error: secretError },
);
export type SecretReference = z.output<typeof secret>;

/** A free name: a key under `clients`, `profiles`, …, or a reference to one. */
export const name = text(
  "a name of letters, digits, hyphens, dots and underscores",
  (value) =>
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value) && !(value in {})
      ? undefined
      : "not usable as a name (letters, digits, - . _, at most 64, a letter or digit first)",
  "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
);

/** linux/if.h: IFNAMSIZ leaves 15 characters; no slash, colon or blank. */
export const interfaceName = text(
  "the name of a network interface, at most 15 characters",
  (value) =>
    /^[^\s/:]{1,15}$/.test(value) && value !== "." && value !== ".." && !(value in {})
      ? undefined
      : "not an interface name (at most 15 characters, no blank, slash or colon)",
  "^[^\\s/:]{1,15}$",
);

export const dnsName = text("a DNS name", (value) =>
  isDnsName(value) ? undefined : "not a DNS name (letters, digits, hyphens and dots)",
);

export const ipAddress = text("an IPv4 or IPv6 address", (value) =>
  parseIpAddress(value)
    ? undefined
    : "not an IPv4 or IPv6 address (for example 203.0.113.1 or 2001:db8::1)",
);

export const identity = text(`an identity: ${identityForms}`, (value) => {
  const parsed = parseIdentity(value);
  return typeof parsed === "string" ? parsed : undefined;
});

export const identityPattern = text(`an identity: any, ${identityForms}`, (value) => {
  const parsed = parseIdentityPattern(value);
  return typeof parsed === "string" ? parsed : undefined;
});

export const filePath = z.string({ error: wrongKind("the path of a file") }).check(z.minLength(1));

/** An address with prefix length that is a host's, not the network's own. */
export function isInterfaceAddress(value: string): boolean {
  const [address = "", length] = value.split("/");
  if (!parseIpAddress(address) || length === undefined) return false;
  const prefix = parsePrefix(value);
  return prefix !== undefined && splitPrefix(prefix).length > 0;
}
