/**
 * The software bill of materials of a binary, as CycloneDX 1.6: what is really inside, told by the bundler, with the
 * versions, licences and digests of package-lock.json. It names no time and no machine: the same binary has the same bill.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import pinned from "./arm64/packages.json" with { type: "json" };

const root = path.resolve(import.meta.dirname, "..");

/** What a bill is made from. */
export interface Materials {
  readonly arch: string;
  readonly binary: Uint8Array;
  /** Files that went into the bundle and the page, from the root of the tree. */
  readonly inputs: readonly string[];
}

/** One entry of a bill; only what we fill in. Source: CycloneDX 1.6, JSON, "component" */
interface Component {
  readonly type: "application" | "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly { readonly license: { readonly id: string } }[];
  readonly hashes?: readonly { readonly alg: "SHA-256" | "SHA-512"; readonly content: string }[];
}

interface LockedPackage {
  readonly name?: string;
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
}

/** The bill's text. */
export function billOfMaterials({ arch, binary, inputs }: Materials): string {
  const { packages } = readJson<{ packages: Record<string, LockedPackage> }>("package-lock.json");
  const { version } = readJson<{ version: string }>("package.json");
  const koffi = `node_modules/@koromix/koffi-linux-${arch}`;
  const folders = [...new Set([...inputs.flatMap(packageFolder), koffi])].sort();
  const libraries = folders.flatMap((folder) => {
    const locked = packages[folder];
    return locked ? [npmComponent(folder, locked)] : [];
  });
  const node = nodeComponent(arch);
  const product: Component = {
    type: "application",
    "bom-ref": "flexspoke",
    name: "flexspoke",
    version,
    purl: `pkg:generic/flexspoke@${version}?arch=${arch}`,
    licenses: [{ license: { id: "Apache-2.0" } }],
    hashes: [{ alg: "SHA-256", content: digest(binary) }],
  };
  const embedded = embeddedInNode();
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(binary)}`,
    version: 1,
    metadata: { component: product },
    components: [node, ...embedded, ...libraries],
    dependencies: [
      { ref: "flexspoke", dependsOn: [node, ...libraries].map(reference) },
      { ref: node["bom-ref"], dependsOn: embedded.map(reference) },
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** The same bill for a binary that was settled on libraries that travel with it. */
export function withLibraries(
  bill: string,
  binary: Uint8Array,
  libraries: readonly { name: string; version: string; licence: string }[],
): string {
  const parsed = JSON.parse(bill);
  parsed.serialNumber = `urn:uuid:${uuidOf(binary)}`;
  parsed.metadata.component.hashes = [{ alg: "SHA-256", content: digest(binary) }];
  for (const { name, version, licence } of libraries) {
    const purl = `pkg:generic/${name.replaceAll("+", "%2B")}@${version}`;
    const licenses = licence.includes(" ")
      ? [{ expression: licence }]
      : [{ license: { id: licence } }];
    parsed.components.push({ type: "library", "bom-ref": purl, name, version, purl, licenses });
    parsed.dependencies[0].dependsOn.push(purl);
  }
  return `${JSON.stringify(parsed, null, 2)}\n`;
}

const reference = (component: Component): string => component["bom-ref"];

/** The package of a bundled file: `node_modules/a/node_modules/@b/c/d.js` lies in `node_modules/a/node_modules/@b/c`. */
function packageFolder(input: string): readonly string[] {
  const [, found] =
    /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
  return found ? [found] : [];
}

function npmComponent(folder: string, locked: LockedPackage): Component {
  const name = locked.name ?? folder.slice(folder.lastIndexOf("node_modules/") + 13);
  const [, base64] = /^sha512-(.+)$/.exec(locked.integrity ?? "") ?? [];
  const purl = `pkg:npm/${name.replace(/^@/, "%40")}@${locked.version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version: locked.version,
    purl,
    ...(locked.license && { licenses: [{ license: { id: locked.license } }] }),
    ...(base64 && {
      hashes: [{ alg: "SHA-512", content: Buffer.from(base64, "base64").toString("hex") }],
    }),
  };
}

function nodeComponent(arch: string): Component {
  const version = process.versions.node;
  const name = `node-linux-${arch}`;
  const integrity = (pinned as Readonly<Record<string, string>>)[`${name}@${version}`];
  return {
    ...npmComponent(name, { name, version, license: "MIT", ...(integrity && { integrity }) }),
    type: "platform",
  };
}

/** What Node itself brings along, by its own list: the part that security notices are about most often. */
function embeddedInNode(): readonly Component[] {
  const notSoftware = new Set(["node", "modules", "napi", "unicode", "cldr", "tz"]);
  return Object.entries(process.versions)
    .filter(([name, version]) => version && !notSoftware.has(name))
    .map(([name, version = ""]) => ({
      type: "library",
      "bom-ref": `node/${name}`,
      name,
      version,
      purl: `pkg:generic/${name}@${version}`,
    }));
}

function readJson<Content>(name: string): Content {
  return JSON.parse(readFileSync(path.join(root, name), "utf8"));
}

function digest(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A UUID of version 8 (RFC 9562 §5.8): its bits come from the content. */
function uuidOf(content: Uint8Array): string {
  const hex = [...digest(content).slice(0, 32)];
  hex[12] = "8";
  hex[16] = "a";
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
