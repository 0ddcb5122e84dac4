/**
 * The files of the status page. The bundler puts them into the program (`FLEXSPOKE_PAGE`); a checkout that runs from its
 * sources reads what was built last.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

/** One file as it goes out. */
export interface PageFile {
  /** Its `Content-Type`. */
  readonly type: string;
  readonly body: Uint8Array;
  readonly gzip: Uint8Array;
  /** Quoted, as the header wants it. */
  readonly etag: string;
}

/** File name, `index.html` or `assets/page.js`, to its content: gzip in base64. */
declare const FLEXSPOKE_PAGE: Readonly<Record<string, string>> | undefined;

let files: ReadonlyMap<string, PageFile> | undefined;

/** The file at a path of the server; `/` is the page itself. Undefined when there is none. */
export function pageFile(place: string): PageFile | undefined {
  files ??= load();
  return files.get(place);
}

/** The files of a built page by their path on the server; none when it was not built. */
export function readPage(folder: string): ReadonlyMap<string, PageFile> {
  if (!existsSync(folder)) return new Map();
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return byPlace(
    found.map((file) => [path.relative(folder, file), gzipSync(readFileSync(file), { level: 9 })]),
  );
}

function load(): ReadonlyMap<string, PageFile> {
  if (typeof FLEXSPOKE_PAGE !== "undefined")
    return byPlace(
      Object.entries(FLEXSPOKE_PAGE).map(([name, text]) => [name, Buffer.from(text, "base64")]),
    );
  const here: string | undefined = import.meta.dirname;
  return here === undefined ? new Map() : readPage(path.join(here, "../../build/page"));
}

function byPlace(
  named: readonly (readonly [name: string, gzip: Uint8Array])[],
): ReadonlyMap<string, PageFile> {
  return new Map(
    named.map(([name, gzip]) => [name === "index.html" ? "/" : `/${name}`, fileOf(name, gzip)]),
  );
}

function fileOf(name: string, gzip: Uint8Array): PageFile {
  const body = gunzipSync(gzip);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { type: types[path.extname(name)] ?? "application/octet-stream", body, gzip, etag };
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};
