import type { ResolvedSyslog } from "#config/resolve-syslog.ts";
import type { ResolvedMqtt } from "#config/resolved-mqtt.ts";
import type { ResolvedPrometheus } from "#config/resolved-prometheus.ts";
import type { ResolvedSnmp } from "#config/resolved-snmp.ts";
import type { ReporterKind } from "#telemetry/reporter.ts";

const mqtt: ReporterKind<ResolvedMqtt> = {
  name: "mqtt",
  section: (config) => config.mqtt,
  start: async (section, context) =>
    (await import("#telemetry/mqtt/mqtt-reporter.ts")).startMqtt(section, context),
};

const snmp: ReporterKind<ResolvedSnmp> = {
  name: "snmp",
  section: (config) => config.snmp,
  start: async (section, context) =>
    (await import("#telemetry/snmp/snmp-reporter.ts")).startSnmp(section, context),
};

const prometheus: ReporterKind<ResolvedPrometheus> = {
  name: "prometheus",
  section: (config) => config.prometheus,
  start: async (section, context) =>
    (await import("#telemetry/prometheus/reporter.ts")).startPrometheus(section, context),
};

const syslog: ReporterKind<ResolvedSyslog> = {
  name: "syslog",
  section: (config) => config.syslog,
  start: async (section, context) =>
    (await import("#telemetry/syslog/syslog-reporter.ts")).startSyslog(section, context),
};

/** Everybody who can be told outside, in the order of their start. */
export const reporterKinds: readonly ReporterKind[] = [mqtt, syslog, snmp, prometheus];
