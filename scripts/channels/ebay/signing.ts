/** What the local eBay checks of signed calls, and how it signs its own events. */
import { createSign, generateKeyPairSync, randomUUID, verify } from "node:crypto";
import type { LocalRequest, SignedEvent } from "../kit";
import type { Grants } from "./grants";

/** Whether a call carries eBay's digital signature (RFC 9421); what is wrong where it does not. */
export function signatureProblem(request: LocalRequest, grants: Grants, clock: () => number): string | null {
  const of = (name: string): string => {
    const value = request.headers[name];
    return typeof value === "string" ? value : "";
  };
  const jwe = of("x-ebay-signature-key");
  const input = /^sig1=(\(([^)]*)\);created=(\d+))$/.exec(of("signature-input"));
  const signature = /^sig1=:([A-Za-z0-9+/=]+):$/.exec(of("signature"))?.[1];
  const key = grants.keyOf(jwe);
  if (key === null) return "the signing key is not known";
  if (input === null || signature === undefined) return "Signature-Input or Signature is missing";
  const [, params = "", list = "", created = "0"] = input;
  if (Math.abs(clock() / 1000 - Number(created)) > 3_600) return "the signature is too old";
  const components = [...list.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);
  for (const needed of ["x-ebay-signature-key", "@method", "@path", "@authority"])
    if (!components.includes(needed)) return `${needed} is not signed`;
  const said: Readonly<Record<string, string>> = {
    "@method": request.method,
    "@path": request.url.pathname,
    "@authority": of("host"),
    "x-ebay-signature-key": jwe,
    "content-digest": of("content-digest"),
  };
  const base = [...components.map((name) => `"${name}": ${said[name] ?? ""}`), `"@signature-params": ${params}`];
  const isGood = verify(null, Buffer.from(base.join("\n")), key, Buffer.from(signature, "base64"));
  return isGood ? null : "the signature does not hold";
}

type EventSigner = Readonly<{
  kid: string;
  /** As the Notification API gives it: PEM on one line. */
  publicKey: string;
  sign: (topic: string, data: Readonly<Record<string, unknown>>, atMs: number) => () => SignedEvent;
}>;

export function eventSigner(): EventSigner {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const kid = randomUUID();
  const spki = pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
  return {
    kid,
    publicKey: `-----BEGIN PUBLIC KEY-----${spki}-----END PUBLIC KEY-----`,
    sign: (topic, data, atMs) => {
      const notificationId = `${randomUUID()}_${randomUUID()}`;
      const at = new Date(atMs).toISOString();
      const times = { eventDate: at, publishDate: at, publishAttemptCount: 1 };
      const metadata = { topic, schemaVersion: "1.0", deprecated: false };
      const body = JSON.stringify({ metadata, notification: { notificationId, ...times, data } });
      return () => {
        const signature = createSign("sha1").update(body).sign(pair.privateKey).toString("base64");
        const header = { alg: "ECDSA", kid, signature, digest: "SHA1" };
        const encoded = Buffer.from(JSON.stringify(header)).toString("base64");
        return { headers: { "content-type": "application/json", "x-ebay-signature": encoded }, body };
      };
    },
  };
}
