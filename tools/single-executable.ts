/**
 * Builds `build/ARCH/flexspoke`, one file: Node with the bundle, its code cache and its native parts inside. The steps
 * and their order: docs/contributing.md, "The binary".
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bundle, nativeParts } from "./bundle.ts";
import { buildPage } from "./bundle-page.ts";

const root = path.resolve(import.meta.dirname, "..");
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const arch = process.argv[2] ?? "x64";
if (arch !== "x64") {
  console.error(`binary: ARCH=${arch} can't be built here (x64 only)`);
  process.exit(2);
}
const folder = path.join(root, "build", arch);
mkdirSync(folder, { recursive: true });
await bundle({
  entry: "firmware/main.ts",
  outfile: path.join(folder, "flexspoke.cjs"),
  minify: true,
  page: await buildPage(),
});

const node = path.join(folder, "node");
copyFileSync(process.execPath, node);
chmodSync(node, 0o755);
// Stripping comes before injection: stripped afterwards, the binary no longer starts.
execFileSync("strip", [node]);

const settings = path.join(folder, "sea.json");
const blob = path.join(folder, "sea.blob");
writeFileSync(
  settings,
  JSON.stringify({
    main: path.join(folder, "flexspoke.cjs"),
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    execArgv: ["--max-semi-space-size=1", "--no-warnings"],
    assets: nativeParts(arch),
  }),
);
execFileSync(node, ["--experimental-sea-config", settings], { stdio: "inherit" });
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
  { stdio: ["ignore", "ignore", "inherit"] },
);
chmodSync(binary, 0o755);
for (const rest of ["node", "sea.json", "sea.blob"]) rmSync(path.join(folder, rest));
console.log(`build/${arch}/flexspoke`);
