/** SHA-256 of a text: of the journal's chain and seals, of facts, of documents as they came, of what is kept instead of a secret. */
import * as crypto from "node:crypto";

/** The SHA-256 of a text in UTF-8, in hex. Newer versions of Node have a single call for it, three times as fast as an object for each text. */
export const sha256Hex: (text: string) => string =
  typeof crypto.hash === "function"
    ? (text) => crypto.hash("sha256", text, "hex")
    : (text) => crypto.createHash("sha256").update(text).digest("hex");
