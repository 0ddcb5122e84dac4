// Loads a compiled part of the product: in the single executable from its assets, else from `native/` beside the bundle.
const { mkdtempSync, rmSync, writeFileSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const sea = require("node:sea");

/** The exports of the compiled part `name`. An asset lies in a folder of our own (mode 0700) only while it is loaded. */
exports.loadNativePart = (name) => {
  const part = { exports: {} };
  if (!sea.isSea()) {
    process.dlopen(part, path.join(__dirname, "native", name));
    return part.exports;
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), "flexspoke-"));
  try {
    const file = path.join(folder, name);
    writeFileSync(file, new Uint8Array(sea.getAsset(name)), { mode: 0o500 });
    process.dlopen(part, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return part.exports;
};
