/** Finds a file in a tar archive. Source: POSIX.1-2017, pax, ustar Interchange Format. */

/** Content of the first file whose name, without its folders, is `name`; undefined when this is no archive with one. */
export function fileOfTar(archive: Uint8Array, name: string): Uint8Array | undefined {
  let at = 0;
  while (textAt(archive, at + MAGIC_AT, 5) === "ustar") {
    const size = Number.parseInt(textAt(archive, at + SIZE_AT, 12), 8);
    if (!Number.isSafeInteger(size)) return undefined;
    const start = at + BLOCK;
    if (textAt(archive, at, 100).split("/").at(-1) === name)
      return archive.subarray(start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

function textAt(archive: Uint8Array, at: number, length: number): string {
  return Buffer.from(archive.subarray(at, at + length))
    .toString("latin1")
    .replace(/\0.*$/s, "");
}

const BLOCK = 512;
const SIZE_AT = 124;
const MAGIC_AT = 257;
