/** What runs once when the web starts, and what hears of every error that a page or handler lets out. */
import type { Instrumentation } from "next";

/** A wrong environment ends the start with one clear line, rather than the first visitor's request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { env } = await import("./lib/system/env");
  env();
  // The server itself stops taking connections and ends when the requests under way are answered; who asks meanwhile on a
  // connection that is open is told to go elsewhere.
  const { beginStopping } = await import("./lib/system/stopping");
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, beginStopping);
}

export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { log } = await import("./lib/system/log");
  const { digest } = error as { digest?: string };
  // The digest is the reference that the person is shown.
  log().error(
    { err: error, reference: digest, method: request.method, path: request.path, route: context.routePath },
    "a page failed",
  );
};
