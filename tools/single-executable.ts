/**
 * Builds `build/ARCH/flexspoke`, one file: Node with the bundle, its code cache and its native parts inside, and beside it
 * `flexspoke.cdx.json`, what it is made of. The same tree gives the same bytes. A second argument names another folder. The steps and their order: docs/contributing.md, "The binary".
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { billOfMaterials } from "./bill-of-materials.ts";
import { bundle } from "./bundle.ts";
import { buildPage } from "./bundle-page.ts";
import { preparationBlob, type Settings } from "./preparation-blob.ts";
import { type Architecture, architectures, target } from "./target.ts";

const root = path.resolve(import.meta.dirname, "..");
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const wanted = process.argv[2] ?? "x64";
const arch = architectures.find((one) => one === wanted);
if (!arch) {
  console.error(`binary: there is no ARCH=${wanted} (${architectures.join(" or ")})`);
  process.exit(2);
}
const output = path.resolve(process.argv[3] ?? path.join(root, "build", arch));
await buildBinary(arch, output);
console.log(path.relative(process.cwd(), path.join(output, "flexspoke")));

async function buildBinary(arch: Architecture, folder: string): Promise<void> {
  const { node: original, nativeParts, runner, strip } = target(arch);
  mkdirSync(folder, { recursive: true });
  const page = await buildPage();
  const inputs = await bundle({
    entry: "firmware/main.ts",
    outfile: path.join(folder, "flexspoke.cjs"),
    minify: true,
    page: page.content,
  });

  const node = path.join(folder, "node");
  copyFileSync(original, node);
  chmodSync(node, 0o755);
  // Stripping comes before injection: stripped afterwards, the binary no longer starts.
  execFileSync(strip, [node]);

  const settings: Settings = {
    main: "flexspoke.cjs",
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    execArgv: ["--max-semi-space-size=1", "--no-warnings"],
    assets: nativeParts,
  };
  // A code cache is only taken by the Node that made it, on the processor that it is for.
  const blob = preparationBlob(folder, settings, [...runner, node]);
  const binary = path.join(folder, "flexspoke");
  rmSync(binary, { force: true });
  copyFileSync(node, binary);
  execFileSync(
    process.execPath,
    [
      path.join(root, "node_modules/postject/dist/cli.js"),
      binary,
      "NODE_SEA_BLOB",
      blob,
      "--sentinel-fuse",
      FUSE,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  chmodSync(binary, 0o755);
  writeFileSync(
    path.join(folder, "flexspoke.cdx.json"),
    billOfMaterials({
      arch,
      binary: readFileSync(binary),
      inputs: [...inputs, ...page.inputs],
    }),
  );
  for (const rest of [node, blob]) rmSync(rest);
}
