/** Files as a tar archive. Source: POSIX.1-2017, pax, ustar Interchange Format. */

/** A file to be. */
export interface ArchiveFile {
  /** Relative, with `/` between folders; at most 100 bytes. */
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** @param time of all the files, milliseconds since 1970. @throws {RangeError} for a name that is too long. */
export function tarArchive(files: readonly ArchiveFile[], time: number): Uint8Array {
  const blocks = files.flatMap(({ name, content }) => {
    const bytes = Buffer.from(content);
    const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    return [header(name, bytes.length, Math.floor(time / 1_000)), bytes, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(name: string, size: number, seconds: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`the name is too long: ${name}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  const put = (text: string, offset: number) => block.write(text, offset, "utf8");
  put(name, 0);
  put(octal(0o600, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(size, 11), 124);
  put(octal(seconds, 11), 136);
  put(" ".repeat(8), 148);
  put("0", 156);
  put("ustar\x0000", 257);
  put("root", 265);
  put("root", 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

const BLOCK = 512;
