import { expect, test } from "vitest";
import { discovery, discoveryTopic } from "#telemetry/mqtt/home-assistant.ts";
import { topicsOf } from "#telemetry/mqtt/topics.ts";
import { exampleState } from "#test/unit/api/example-state.ts";

const options = {
  clientId: "branch12.example",
  topics: topicsOf("flexspoke", "branch12.example"),
  commands: ["connect", "track"],
  hasMetrics: true,
} as const;

test("one message has the device, where it is heard of, and all its components", () => {
  const { payload } = discovery(exampleState, options, {});
  const message = JSON.parse(payload);
  expect(message).toMatchObject({
    device: { identifiers: ["flexspoke_branch12_example"], name: "branch12" },
    origin: { name: "FlexSpoke" },
    availability_topic: "flexspoke/branch12.example/status",
    state_topic: "flexspoke/branch12.example/state",
  });
  expect(message.components.hq_connected).toMatchObject({
    platform: "binary_sensor",
    device_class: "connectivity",
    unique_id: "flexspoke_branch12_example_hq_connected",
  });
  expect(discoveryTopic("homeassistant", "branch12.example")).toBe(
    "homeassistant/device/branch12_example/config",
  );
});

test("only commands that are allowed have a button", () => {
  const { components } = JSON.parse(discovery(exampleState, options, {}).payload);
  const buttons = Object.keys(components).filter((name) => components[name].platform === "button");
  expect(buttons).toContain("hq_connect");
  expect(buttons).not.toContain("hq_clear");
});

test("every component has an identity of its own", () => {
  const { components } = JSON.parse(discovery(exampleState, options, {}).payload);
  const ids = Object.values<{ unique_id: string }>(components).map((one) => one.unique_id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(10);
});

test("what is gone is named by its platform alone, once", () => {
  const { platforms } = discovery(exampleState, options, {});
  const smaller = { ...exampleState, track: {} };
  const next = discovery(smaller, options, platforms);
  const { components } = JSON.parse(next.payload);
  const [object] = Object.keys(exampleState.track);
  const name = `track_${object}`.replace(/[^A-Za-z0-9_-]/g, "_");
  expect(components[name]).toEqual({ platform: "binary_sensor" });
  expect(next.platforms).not.toHaveProperty(name);
});
