/** What a file beside a document may be, told by its first bytes: what a browser or a name calls it is not asked. */
import { Refusal } from "../core/errors";

export const fileTypes = ["image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf"] as const;
export type FileType = (typeof fileTypes)[number];

/** Types that every browser shows by itself. */
export const isPicture = (type: string): boolean => ["image/jpeg", "image/png", "image/webp"].includes(type);

const heic = new Set(["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"]);
const latin = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
const begins = (bytes: Uint8Array, ...first: readonly number[]) => first.every((byte, at) => bytes[at] === byte);

/** The type of a file's content. Refuses `file_empty`, and `wrong_file_type` for anything that is none of them. */
export function fileTypeOf(bytes: Uint8Array): FileType {
  if (bytes.length === 0) throw new Refusal("file_empty", "The file is empty.", { field: "file" });
  if (begins(bytes, 0xff, 0xd8, 0xff)) return "image/jpeg";
  if (begins(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (latin(bytes, 0, 4) === "RIFF" && latin(bytes, 8, 12) === "WEBP") return "image/webp";
  if (latin(bytes, 4, 8) === "ftyp" && heic.has(latin(bytes, 8, 12))) return "image/heic";
  if (latin(bytes, 0, 5) === "%PDF-") return "application/pdf";
  throw new Refusal("wrong_file_type", "Only pictures (JPEG, PNG, WebP, HEIC) and PDF stand beside a document.", {
    field: "file",
  });
}
