/** Dialers of a complete file become what the engine and those who dial work with. */
import type { Duration } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import { SecretBytes } from "#lib/secret.ts";
import type { CompleteDialer } from "./complete-dialers.ts";
import type { ConfigPath } from "./config-error.ts";
import { durationOf } from "./duration-syntax.ts";
import type { Problems } from "./problems.ts";
import type { DialLine, ResolvedDialer } from "./resolved-dialer.ts";
import type { FileDialer } from "./schema-dialer.ts";
import { readSecret, type SecretSource } from "./secret-source.ts";

/** @returns undefined after telling `problems` which secret can't be read. */
export function resolveDialer(
  name: string,
  dialer: CompleteDialer,
  source: SecretSource,
  problems: Problems,
): ResolvedDialer | undefined {
  const line = resolveLine(dialer, ["dialers", name], source, problems);
  if (!line) return undefined;
  const device = dialer.interface ?? defaultInterface(name, dialer);
  const initial = durationOf(dialer.backoff.initial);
  return {
    name,
    line,
    ...(device === undefined ? {} : { interface: device }),
    ...(dialer.demand === undefined ? {} : { demand: dialer.demand }),
    idle: durationOf(dialer.idle),
    timeout: durationOf(dialer.timeout),
    backoff: { initial, max: Math.max(initial, durationOf(dialer.backoff.max)) as Duration },
    ...(dialer.reset === undefined ? {} : { reset: dialer.reset }),
    metric: dialer.metric,
  };
}

/** pppd is told the name of its interface; other lines have one already, or tell it when they are up. */
export function defaultInterface(
  name: string,
  dialer: Pick<FileDialer, "pppd" | "pppoe">,
): string | undefined {
  return dialer.pppd || dialer.pppoe ? `ppp-${name}` : undefined;
}

function resolveLine(
  dialer: FileDialer,
  path: ConfigPath,
  source: SecretSource,
  problems: Problems,
): DialLine | undefined {
  const { pppd, pppoe, "modem-manager": modem, up, down } = dialer;
  if (pppd) return { kind: "pppd", peer: pppd.peer };
  if (pppoe) {
    const at = [...path, "pppoe", "password"];
    const password = readSecret(pppoe.password, at, source, problems);
    if (password?.some((byte) => byte === 0 || byte === 0x0a))
      problems.error(at, "the password has a line end in it (one line)");
    return (
      password && {
        kind: "pppoe",
        interface: pppoe.interface,
        username: pppoe.username,
        password: new SecretBytes(password),
        ...(pppoe.service === undefined ? {} : { service: pppoe.service }),
        ...(pppoe["access-concentrator"] === undefined
          ? {}
          : { accessConcentrator: pppoe["access-concentrator"] }),
      }
    );
  }
  if (modem) return { kind: "modem-manager", ...withoutUndefined(modem) };
  invariant(up, "a dialer has one way to dial");
  return { kind: "commands", up, ...(down === undefined ? {} : { down }) };
}

function withoutUndefined(modem: NonNullable<FileDialer["modem-manager"]>) {
  return {
    modem: modem.modem,
    ...(modem.apn === undefined ? {} : { apn: modem.apn }),
    ...(modem.profile === undefined ? {} : { profile: modem.profile }),
    ...(modem.bearer === undefined ? {} : { bearer: modem.bearer }),
  };
}
