/**
 * What Home Assistant is told so that the branch appears there by itself: one retained message with the device and all it
 * has. Pure. Source: Home Assistant, MQTT integration, "Device discovery payload"
 */
import type { MqttAction } from "#config/resolved-mqtt.ts";
import type { StateDocument } from "#state/document.ts";
import type { Topics } from "./topics.ts";

type Component = Readonly<Record<string, unknown>> & { readonly platform: string };
export type Components = Readonly<Record<string, Component>>;

export interface HomeAssistantOptions {
  readonly clientId: string;
  readonly topics: Topics;
  readonly commands: readonly MqttAction[];
  /** Metrics are published. */
  readonly hasMetrics: boolean;
}

export function discoveryTopic(prefix: string, clientId: string): string {
  return `${prefix}/device/${objectId(clientId)}/config`;
}

/**
 * The message.
 * @param before names and platforms of what was there before: what is gone is taken away by naming its platform alone.
 */
export function discovery(
  document: StateDocument,
  options: HomeAssistantOptions,
  before: Readonly<Record<string, string>>,
): { readonly payload: string; readonly platforms: Readonly<Record<string, string>> } {
  const { clientId, topics } = options;
  const components = componentsOf(document, options);
  const gone = Object.entries(before)
    .filter(([name]) => !Object.hasOwn(components, name))
    .map(([name, platform]) => [name, { platform }]);
  const payload = {
    device: {
      identifiers: [`flexspoke_${objectId(clientId)}`],
      name: document.hostname,
      manufacturer: "FlexSpoke",
      model: "Branch router",
      sw_version: document.version,
    },
    origin: { name: "FlexSpoke", sw_version: document.version },
    availability_topic: topics.status,
    state_topic: topics.state,
    qos: 1,
    components: { ...components, ...Object.fromEntries(gone) },
  };
  return {
    payload: JSON.stringify(payload),
    platforms: Object.fromEntries(
      Object.entries(components).map(([name, { platform }]) => [name, platform]),
    ),
  };
}

function componentsOf(document: StateDocument, options: HomeAssistantOptions): Components {
  const { clientId, topics, commands, hasMetrics } = options;
  const rows: [string, Component][] = [];
  const add = (name: string, component: Component): void => {
    const id = objectId(name);
    rows.push([id, { ...component, unique_id: `flexspoke_${objectId(clientId)}_${id}` }]);
  };
  for (const client of Object.keys(document.clients)) {
    const at = `value_json.clients[${quoted(client)}]`;
    add(`${client}_connected`, {
      platform: "binary_sensor",
      name: `${client} connected`,
      device_class: "connectivity",
      value_template: `{{ 'ON' if ${at}.state == 'up' else 'OFF' }}`,
    });
    for (const [key, label] of clientTexts)
      add(`${client}_${key}`, {
        platform: "sensor",
        name: `${client} ${label}`,
        value_template: `{{ ${at}.${key} | default('none', true) }}`,
        entity_category: "diagnostic",
      });
    add(`${client}_address`, {
      platform: "sensor",
      name: `${client} assigned address`,
      value_template: `{{ ${at}.assigned.ipv4 | default(${at}.assigned.ipv6, true) | default('none', true) }}`,
      entity_category: "diagnostic",
    });
    for (const action of buttons.filter((one) => commands.includes(one)))
      add(`${client}_${action}`, {
        platform: "button",
        name: `${client} ${action}`,
        command_topic: topics.command,
        command_template: `{{ {'id': 'ha-' ~ (now().timestamp() * 1000) | int, 'action': '${action}', 'client': ${quoted(client)}} | to_json }}`,
        entity_category: "config",
      });
  }
  for (const object of Object.keys(document.track))
    add(`track_${object}`, {
      platform: "binary_sensor",
      name: `track ${object}`,
      value_template: `{{ 'ON' if value_json.track[${quoted(object)}] == 'up' else 'OFF' }}`,
    });
  if (hasMetrics) for (const [name, component] of measured(document, topics)) add(name, component);
  return Object.fromEntries(rows);
}

function measured({ sla }: StateDocument, { metrics }: Topics): readonly [string, Component][] {
  const sensor = (name: string, template: string, rest: object): [string, Component] => [
    name,
    {
      platform: "sensor",
      name: name.replaceAll("_", " "),
      state_topic: metrics,
      value_template: `{{ ${template} }}`,
      state_class: "measurement",
      ...rest,
    },
  ];
  const host = "value_json.system.host";
  return [
    ...Object.keys(sla).map((name) =>
      sensor(`rtt_${name}`, `value_json.sla[${quoted(name)}].rtt.latest | default(none)`, {
        device_class: "duration",
        unit_of_measurement: "ms",
      }),
    ),
    sensor("cpu", `(${host}.cpu | default(0) * 100) | round(1)`, { unit_of_measurement: "%" }),
    sensor("memory_free", `${host}.memory.available`, {
      device_class: "data_size",
      unit_of_measurement: "B",
    }),
    sensor("temperature", `${host}.temperature | default(none)`, {
      device_class: "temperature",
      unit_of_measurement: "°C",
    }),
  ];
}

const clientTexts = [
  ["state", "state"],
  ["peer", "peer"],
  ["source", "source"],
  ["reason", "reason"],
] as const;

const buttons = ["connect", "clear", "rehearse"] as const satisfies readonly MqttAction[];

/** Home Assistant takes letters, digits, hyphens and underscores. */
function objectId(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_");
}

/** A name within a template: names have no quotes, the configuration sees to that. */
function quoted(name: string): string {
  return `'${name}'`;
}
