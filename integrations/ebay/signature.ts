/**
 * eBay's digital signature: RFC 9421 with the components that eBay asks for, in its order. The calls to the Finances API that are made
 * for sellers in the EU and the UK must carry it and eBay lets it pass for all others, so every such call is signed.
 */
import { createHash, createPrivateKey, sign } from "node:crypto";
import { ChannelError } from "../../lib/core/errors";
import type { SigningKey } from "./settings";

type Signed = Readonly<{ method: string; url: string; body?: string; createdAtSeconds: number }>;

/** The headers that sign a call. `created` is whole seconds since 1970. Throws ChannelError `refused` for a key that is none. */
export function signatureHeaders(key: SigningKey, call: Signed): Readonly<Record<string, string>> {
  const digest = call.body === undefined ? {} : { "content-digest": contentDigestOf(call.body) };
  const input = inputOf(call);
  const signature = sign(null, Buffer.from(signatureBase(key.jwe, call)), privateKeyOf(key.privateKey));
  return {
    ...digest,
    "x-ebay-signature-key": key.jwe,
    "signature-input": `sig1=${input}`,
    signature: `sig1=:${signature.toString("base64")}:`,
  };
}

/** What is signed: one line for each component. The path is without its query; the authority is what the Host header says. */
export function signatureBase(jwe: string, call: Signed): string {
  const { host, pathname } = new URL(call.url);
  const lines = [
    ...(call.body === undefined ? [] : [`"content-digest": ${contentDigestOf(call.body)}`]),
    `"x-ebay-signature-key": ${jwe}`,
    `"@method": ${call.method}`,
    `"@path": ${pathname}`,
    `"@authority": ${host}`,
    `"@signature-params": ${inputOf(call)}`,
  ];
  return lines.join("\n");
}

function inputOf(call: Signed): string {
  const components = [
    ...(call.body === undefined ? [] : ["content-digest"]),
    "x-ebay-signature-key",
    "@method",
    "@path",
    "@authority",
  ];
  return `(${components.map((name) => `"${name}"`).join(" ")});created=${call.createdAtSeconds}`;
}

function contentDigestOf(body: string): string {
  return `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
}

/** eBay gives the key as base64 alone; people keep it as PEM, sometimes with its line breaks written as "\n". */
function privateKeyOf(text: string) {
  const base64 = text
    .replace(/-----[A-Z ]+-----/g, "")
    .replaceAll("\\n", "")
    .replace(/\s+/g, "");
  try {
    return createPrivateKey({ key: Buffer.from(base64, "base64"), format: "der", type: "pkcs8" });
  } catch {
    // What Node says of a bad key quotes nothing of it, and says nothing that helps either.
    throw new ChannelError("refused", "the key that calls to eBay are signed with is not an ed25519 private key");
  }
}
