/** The broker that the branch reports to, as the reporter works with it. */
import type { Duration } from "#lib/duration.ts";
import type { SecretBytes } from "#lib/secret.ts";
import type { SlaHost } from "./resolved-sla.ts";
import type { ResolvedTls } from "./resolved-tls.ts";
import type { mqttActions } from "./schema-mqtt.ts";

export type MqttAction = (typeof mqttActions)[number];

export interface ResolvedMqtt {
  readonly host: SlaHost;
  readonly port: number;
  /** Absent: the connection is in clear. */
  readonly tls?: ResolvedTls;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: SecretBytes;
  /** Key of `ResolvedConfig.clients`: nothing is sent but through its tunnel. Absent: the routing table decides. */
  readonly via?: string;
  /** Of every topic, without the client id. */
  readonly prefix: string;
  readonly keepalive: Duration;
  /** Absent: no metrics. */
  readonly metricsInterval?: Duration;
  /** Bytes of events that are kept while the broker is away. */
  readonly spoolBytes: number;
  readonly homeAssistant?: { readonly prefix: string };
  /** What commands may ask for; empty: none are taken. */
  readonly commands: readonly MqttAction[];
}
