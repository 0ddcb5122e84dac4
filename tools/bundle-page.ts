/**
 * Builds the status page into `build/page`: `index.html`, one script, one style sheet, an icon and a manifest, each but
 * the first two asked for by name named after its content. What stands there is what the product carries inside.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const source = path.join(root, "firmware/web");

const defaultFolder = path.join(root, "build/page");

/** File name to what it holds, gzip in base64. */
export type PageContent = Readonly<Record<string, string>>;

/** The page, and what it was made from. */
export interface BuiltPage {
  readonly content: PageContent;
  /** Source files, from the root of the tree. */
  readonly inputs: readonly string[];
}

/** Builds the page afresh into `folder`. @returns its files as the product carries them. */
export async function buildPage(folder = defaultFolder): Promise<BuiltPage> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: { page: `${source}/main.tsx`, style: `${source}/styles/page.css` },
    outdir: folder,
    bundle: true,
    write: false,
    minify: true,
    platform: "browser",
    format: "esm",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    jsx: "automatic",
    jsxImportSource: "preact",
    mainFields: ["module", "main"],
    legalComments: "none",
    logLevel: "warning",
  });
  const output = (ending: string): Uint8Array =>
    outputFiles.find((file) => file.path.endsWith(ending))?.contents ?? new Uint8Array();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const place = (stem: string, ending: string, content: Uint8Array): string => {
    const name = `${stem}-${hash(content)}${ending}`;
    writeFileSync(path.join(folder, name), content);
    return name;
  };
  const script = place("page", ".js", output("page.js"));
  const style = place("page", ".css", output("style.css"));
  const icon = place("icon", ".svg", readFileSync(`${source}/icon.svg`));
  const manifest = readFileSync(`${source}/page.webmanifest`, "utf8").replaceAll("{icon}", icon);
  const index = readFileSync(`${source}/index.html`, "utf8")
    .replaceAll("{script}", script)
    .replaceAll("{style}", style)
    .replaceAll("{icon}", icon)
    .replaceAll("{manifest}", place("page", ".webmanifest", Buffer.from(manifest)))
    .replaceAll(/\n\s*/g, "\n");
  writeFileSync(path.join(folder, "index.html"), index);
  return { content: contentOf(folder), inputs: Object.keys(metafile.inputs) };
}

function contentOf(folder: string): PageContent {
  const entries = readdirSync(folder).map((name) => {
    const gzip = gzipSync(readFileSync(path.join(folder, name)), { level: 9 });
    return [name, gzip.toString("base64")] as const;
  });
  return Object.fromEntries(entries);
}

function hash(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url").slice(0, 10);
}

if (import.meta.main) {
  const { content } = await buildPage();
  let total = 0;
  for (const [name, gzip] of Object.entries(content)) {
    const bytes = Buffer.from(gzip, "base64").length;
    total += bytes;
    console.log(`${String(bytes).padStart(7)} ${name}`);
  }
  console.log(`${String(total).padStart(7)} bytes compressed in all`);
}
