/** Direction rules: the allow-list of docs/architecture.md, "The rings", plus what may never be reached at all. */
const engines =
  "^firmware/(ike|eap|pki|sla|track|dial|guard|system|update|intake|flexvpn|dataplane|time|state|crypto|lib)/";
const io = "^(node:)?(dgram|net|tls|http|https|fs|child_process|timers|os|dns|worker_threads)(/|$)";

/** Folder to the folders (and packages) it may import besides itself and `lib/`. */
const mayImport = {
  lib: [],
  crypto: ["node:crypto", "js-md4"],
  "ike/message": ["crypto/sk-cipher.ts"],
  ike: ["crypto", "pki", "eap", "dataplane/desired.ts", "state/event.ts", "node:crypto"],
  pki: ["crypto", "ike/connection.ts", "ike/message/iana.ts", "node:crypto"],
  dataplane: [],
  flexvpn: ["ike", "track", "dataplane", "config", "state"],
  track: ["config", "state", "sla"],
  sla: ["config", "state"],
  dial: ["config", "state"],
  guard: ["state"],
  system: ["config"],
  time: ["state"],
  update: ["guard", "state", "crypto/signature.ts", "node:crypto", "node:zlib"],
  intake: ["config"],
  config: ["ike/connection.ts", "ike/message/iana.ts", "pki", "zod", "yaml", "node:crypto"],
  state: ["ike", "flexvpn", "track", "sla", "dial", "guard", "dataplane", "config", "node:sqlite"],
  linux: [
    "dataplane",
    "sla",
    "config/resolved-sla.ts",
    "crypto",
    "ike/connection.ts",
    "ike/message/iana.ts",
    "config/resolved-dialer.ts",
    "dial/line.ts",
    "system/link-plan.ts",
    "system/firewall.ts",
    "system/service-plan.ts",
    "node:*",
    "node-netlink",
    "koffi",
  ],
  api: ["state", "config", "crypto/der.ts", "node:*", "hono", "@hono/", "zod"],
  telemetry: [
    "state",
    "config",
    "api/backend.ts",
    "api/port-listener.ts",
    "api/connections.ts",
    "api/listening.ts",
    "node:*",
    "zod",
    "mqtt",
    "prom-client",
    "systeminformation",
    "net-snmp",
  ],
  web: ["api", "state", "config/boolean-syntax.ts", "preact", "@preact/", "uplot"],
  cli: ["api", "config", "state", "sla/return-code.ts", "node:*", "commander"],
};

/** Parts of a folder that its row does not speak of: one with a row of its own, and the one file that reads the disk. */
const exempt = { ike: "^firmware/ike/message/", config: "^firmware/config/read-file\\.ts$" };

const packages =
  /^(@|zod|yaml|hono|koffi|commander|js-md4|node-netlink|mqtt|prom-client|systeminformation|net-snmp|preact|uplot)/;
const literal = (text) => text.replace(/[.]/g, "\\.");
const target = (name) => {
  if (name.startsWith("node:")) return `^(node:)?${name.slice(5)}$`;
  if (packages.test(name)) return `(^|node_modules/)${literal(name)}`;
  return `^firmware/${literal(name)}${name.endsWith(".ts") ? "$" : "/"}`;
};

const folders = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `${folder.replace("/", "-")}-imports-only-what-it-may`,
  severity: "error",
  from: {
    path: `^firmware/${folder}/`,
    ...(exempt[folder] ? { pathNot: exempt[folder] } : {}),
  },
  to: {
    pathNot: [
      `^firmware/${folder}/`,
      "^firmware/lib/",
      ...allowed.filter((name) => name !== "node:*").map(target),
    ],
    ...(allowed.includes("node:*") ? { dependencyTypesNot: ["core"] } : {}),
  },
}));

module.exports = {
  forbidden: [
    ...folders,
    {
      name: "engines-never-reach-io",
      severity: "error",
      // The event store on SQLite is the one file of `state/` that touches a disk; nothing but the daemon imports it.
      from: { path: engines, pathNot: "^firmware/state/sqlite-event-store\\.ts$" },
      to: { path: io, reachable: true },
    },
    {
      name: "codecs-never-reach-io",
      severity: "error",
      from: { path: "/codec\\.ts$|^firmware/ike/message/" },
      to: { path: io, reachable: true },
    },
    {
      name: "engines-meet-in-types",
      severity: "error",
      from: { path: "^firmware/flexvpn/" },
      to: { path: "^firmware/(ike|track)/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "cli-asks-the-api",
      severity: "error",
      from: { path: "^firmware/(cli|web)/" },
      to: { path: "^firmware/(ike|linux|daemon|flexvpn)/" },
    },
    {
      name: "only-the-daemon-composes",
      severity: "error",
      from: { path: "^firmware/(?!daemon/|main\\.ts)" },
      to: { path: "^firmware/daemon/" },
    },
    {
      name: "firmware-never-needs-tests",
      severity: "error",
      from: { path: "^firmware/" },
      to: { path: "^(test|tools)/" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".cjs", ".js"] },
  },
};
