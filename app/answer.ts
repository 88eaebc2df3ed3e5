/** The only place that turns an error into a response. */
import { randomBytes } from "node:crypto";
import { unstable_rethrow } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { passing } from "@/lib/system/away";
import { log } from "@/lib/system/log";
import { rememberWrite } from "./after-write";
import { refuseOtherOrigin } from "./origin";

/** Logs a fault of ours and gives the reference that the person is shown, by which the line in the log is found. */
export function faultReference(error: unknown, what: string): Readonly<{ reference: string; message: string }> {
  const reference = `L-${randomBytes(4).toString("hex")}`;
  log().error({ err: error, reference }, what);
  return {
    reference,
    message: "This is our fault, and it is written down. Nothing was changed. Try again, or tell us the reference",
  };
}

const headers = { "cache-control": "private, no-store", "x-content-type-options": "nosniff" };

/** A refusal or a fault as JSON `{ code, message, detail }`, with the status of its code. */
export function answer(thrown: unknown): Response {
  const error = passing(thrown);
  if (error instanceof Refusal) {
    const { code, message, detail, status } = error;
    const wait = detail.retryAfterSeconds === undefined ? {} : { "retry-after": detail.retryAfterSeconds };
    return Response.json({ code, message, detail }, { status, headers: { ...headers, ...wait } });
  }
  const { reference, message } = faultReference(error, "a request failed");
  return Response.json({ code: "fault", message, detail: { reference } }, { status: 500, headers });
}

/**
 * Runs a route handler's work. What changes something must come from a page of ours; files of a signed-in person are not given to
 * another site's page. Never kept by a cache.
 */
export async function answered(request: Request, work: () => Promise<Response>): Promise<Response> {
  try {
    if (request.method !== "GET" && request.method !== "HEAD") refuseOtherOrigin(request.headers);
    else if (
      request.headers.get("sec-fetch-site") === "cross-site" &&
      request.headers.get("sec-fetch-mode") !== "navigate"
    )
      throw new Refusal("not_allowed", "Another site's page may not read this.");
    const response = await work();
    if (request.method !== "GET" && request.method !== "HEAD" && response.ok) await rememberWrite();
    for (const [name, value] of Object.entries(headers))
      if (!response.headers.has(name)) response.headers.set(name, value);
    return response;
  } catch (error) {
    unstable_rethrow(error);
    return answer(error);
  }
}
