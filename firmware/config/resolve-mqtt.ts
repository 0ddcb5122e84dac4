/** The section `mqtt` of a complete file becomes what the reporter works with. */
import { invariant } from "#lib/invariant.ts";
import { SecretBytes } from "#lib/secret.ts";
import type { CompleteConfig } from "./complete.ts";
import { unknownName } from "./complete.ts";
import { durationOf } from "./duration-syntax.ts";
import type { Problems } from "./problems.ts";
import { refuseTls, resolveTls } from "./resolve-tls.ts";
import type { MqttAction, ResolvedMqtt } from "./resolved-mqtt.ts";
import { type FileMqtt, mqttActions, parseBrokerUrl } from "./schema-mqtt.ts";
import { readSecret, type SecretSource } from "./secret-source.ts";
import { parseSize } from "./size-syntax.ts";

const path = ["mqtt"];

/** @returns undefined when there is no such section, or after telling `problems` what is wrong with it. */
export function resolveMqtt(
  { mqtt: file, clients }: Pick<CompleteConfig, "mqtt" | "clients">,
  source: SecretSource,
  problems: Problems,
): ResolvedMqtt | undefined {
  if (!file) return undefined;
  const broker = parseBrokerUrl(file.url);
  invariant(broker, "URLs were checked");
  checkMqtt(file, Object.keys(clients), broker.isTls, problems);
  const tls = broker.isTls ? resolveTls(file, path, source, problems) : undefined;
  const password =
    file.password === undefined
      ? undefined
      : readSecret(file.password, [...path, "password"], source, problems);
  const { keepalive, "metrics-interval": interval, "home-assistant": assistant } = file;
  return {
    host: broker.host,
    port: broker.port,
    ...(tls && { tls }),
    clientId: file["client-id"],
    ...(file.username !== undefined && { username: file.username }),
    ...(password && { password: new SecretBytes(password) }),
    ...(file.via !== "any" && { via: file.via }),
    prefix: file.prefix,
    keepalive: durationOf(keepalive),
    ...(interval !== "off" && { metricsInterval: durationOf(interval) }),
    spoolBytes: parseSize(file.spool.max) ?? 0,
    ...(assistant !== false && {
      homeAssistant: assistant === true ? { prefix: "homeassistant" } : assistant,
    }),
    commands: allowed(file.commands),
  };
}

function checkMqtt(
  file: FileMqtt,
  clients: readonly string[],
  isTls: boolean,
  problems: Problems,
): void {
  if (file.via !== "any" && !clients.includes(file.via))
    problems.error([...path, "via"], unknownName("client", ["any", ...clients]));
  if (!isTls) refuseTls(file, path, "an mqtts:// url has TLS", problems);
  if (file.password !== undefined && file.username === undefined)
    problems.error([...path, "password"], "goes with a username (give both)", "key");
  if (!isTls && file.password !== undefined && file.via === "any")
    problems.warning(
      [...path, "url"],
      "the password travels in clear (use mqtts://, or via: CLIENT to stay in its tunnel)",
    );
}

function allowed(commands: FileMqtt["commands"]): readonly MqttAction[] {
  if (commands === true) return mqttActions;
  return commands === false ? [] : [...new Set(commands)];
}
