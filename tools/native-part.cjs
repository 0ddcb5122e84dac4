// Loads a compiled part of the product: in the single executable from its assets, else from `native/` beside the bundle.
const { constants, mkdtempSync, openSync, closeSync, rmSync, writeFileSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const sea = require("node:sea");

/** A file without a name, which nobody can give one later either. Source: open(2), O_TMPFILE */
const NAMELESS = 0o20000000 | constants.O_DIRECTORY | constants.O_EXCL | constants.O_RDWR;

/** The exports of the compiled part `name`. An asset never has a name on disk where the system can do without. */
exports.loadNativePart = (name) => {
  if (!sea.isSea()) return load(path.join(__dirname, "native", name));
  const content = new Uint8Array(sea.getRawAsset(name));
  // Debian mounts /run so that nothing in it can be executed, others do so with /tmp: one of these is left everywhere.
  for (const folder of ["/run", "/dev/shm", os.tmpdir()]) {
    const part = loadNameless(folder, content);
    if (part) return part;
  }
  return loadFromPrivateFolder(name, content);
};

function loadNameless(folder, content) {
  let file;
  try {
    file = openSync(folder, NAMELESS, 0o500);
    writeFileSync(file, content);
    // Stays open for the life of the process: the C library takes a second part at the same path for the first one.
    return load(`/proc/self/fd/${file}`);
  } catch {
    if (file !== undefined) closeSync(file);
    return undefined;
  }
}

/** For file systems that have no nameless files: a folder of our own (mode 0700), there only while the part is loaded. */
function loadFromPrivateFolder(name, content) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "flexspoke-"));
  try {
    const file = path.join(folder, name);
    writeFileSync(file, content, { mode: 0o500 });
    return load(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function load(file) {
  const part = { exports: {} };
  process.dlopen(part, file);
  return part.exports;
}
