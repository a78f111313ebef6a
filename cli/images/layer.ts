import { gzipSync } from "node:zlib";

/** One entry of a layer. Owner and group are root and the time is 1970, whatever it was made from. */
export interface LayerFile {
  /** Absolute path in the image, 100 bytes at most. */
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
}

const blockBytes = 512;
/** What one stored block holds. */
const mostStoredBytes = 0xffff;
const folderMode = 0o555;

export interface Layer {
  readonly tar: Buffer;
  /** The tar archive in gzip's form, which every client of registries reads. */
  readonly gzip: Buffer;
}

/** A layer of these files and the folders above them. The same files give the same bytes on every machine. */
export function layerOf(files: readonly LayerFile[]): Layer {
  const tar = tarOf(files);
  return { tar, gzip: gzipStored(tar) };
}

/** Folders come before what is in them, paths in order. */
function tarOf(files: readonly LayerFile[]): Buffer {
  const folders = new Set(files.flatMap(({ path }) => foldersAbove(path)));
  const entries = [
    ...[...folders].map((path) => ({ path: `${path}/`, mode: folderMode, content: null })),
    ...files,
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const blocks = entries.flatMap(({ path, mode, content }) => [
    header(path.slice(1), mode, content?.length ?? null),
    ...(content === null ? [] : [content, Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)]),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

/** `/a/b/c` lies in `/a` and `/a/b`. */
function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

/** A header in the ustar form. @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html */
function header(path: string, mode: number, bytes: number | null): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  block.write(path, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(bytes ?? 0, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(" ".repeat(8), 148);
  block.write(bytes === null ? "5" : "0", 156);
  block.write("ustar\u000000", 257);
  block.write("root", 265);
  block.write("root", 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

/**
 * Gzip's form without compression: what compressors make differs from release to release of Node.js, and the digest
 * would with it. @see https://www.rfc-editor.org/rfc/rfc1952 and https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4
 */
function gzipStored(content: Buffer): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  const blocks: Buffer[] = [];
  for (let start = 0; start < content.length; start += mostStoredBytes) {
    const block = content.subarray(start, start + mostStoredBytes);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt8(start + mostStoredBytes < content.length ? 0 : 1, 0);
    prefix.writeUInt16LE(block.length, 1);
    prefix.writeUInt16LE(block.length ^ 0xffff, 3);
    blocks.push(prefix, block);
  }
  // Checksum and length, which are the same whatever lies before them.
  const trailer = gzipSync(content, { level: 1 }).subarray(-8);
  return Buffer.concat([header, ...blocks, trailer]);
}
