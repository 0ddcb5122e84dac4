/**
 * Builds `build/flexspoke.cjs`, the whole product as one CommonJS file, with its native parts beside it under
 * `build/native/ARCH/`. In the single executable the same parts travel as assets (`single-executable.ts`).
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { build, type Plugin } from "esbuild";
import { buildPage, type PageContent } from "./bundle-page.ts";
import { nativeParts } from "./target.ts";

const root = path.resolve(import.meta.dirname, "..");

/**
 * Bundles `entry` for Node into one file, with the status page if given; native packages are replaced by the loader below.
 * @returns the files that went in, from the root of the tree.
 */
export async function bundle(options: {
  entry: string;
  outfile: string;
  minify?: boolean;
  page?: PageContent;
}): Promise<readonly string[]> {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: [path.join(root, options.entry)],
    outfile: options.outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: options.minify ?? false,
    keepNames: true,
    legalComments: "none",
    sourcemap: "linked",
    define: {
      FLEXSPOKE_VERSION: JSON.stringify(version),
      FLEXSPOKE_PAGE: JSON.stringify(options.page ?? {}),
      "import.meta.url": "undefined",
      "import.meta.dirname": "undefined",
    },
    alias: {
      koffi: path.join(root, "node_modules/koffi/index.cjs"),
      // Node has these itself; the packages' copies cost a megabyte of memory and half of the time to load.
      "readable-stream": "node:stream",
      "worker-timers": path.join(root, "tools/no-worker-timers.cjs"),
    },
    plugins: [nativeLoader],
    logLevel: "warning",
  });
  return Object.keys(metafile.inputs);
}

/** Sends the packages' own searches for their compiled part to `native-part.cjs`. */
const nativeLoader: Plugin = {
  name: "native-parts",
  setup(context) {
    context.onResolve({ filter: /^@koromix\/koffi-|^node-gyp-build$/ }, ({ path: name }) => ({
      path: name,
      namespace: "native-part",
    }));
    context.onLoad({ filter: /.*/, namespace: "native-part" }, ({ path: name }) => ({
      contents: name.startsWith("@koromix/")
        ? 'module.exports = require("#native-part").loadNativePart("koffi.node");'
        : 'module.exports = () => require("#native-part").loadNativePart("netlink.node");',
      resolveDir: root,
    }));
    context.onResolve({ filter: /^#native-part$/ }, () => ({
      path: path.join(root, "tools/native-part.cjs"),
    }));
  },
};

if (import.meta.main) {
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  const parts = path.join(root, "build/native");
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  for (const [name, file] of Object.entries(nativeParts(arch)))
    copyFileSync(file, path.join(parts, name));
  await bundle({
    entry: "firmware/main.ts",
    outfile: path.join(root, "build/flexspoke.cjs"),
    page: (await buildPage()).content,
  });
}
