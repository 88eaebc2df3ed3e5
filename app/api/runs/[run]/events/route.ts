/**
 * A run as it changes, as server-sent events: GET /api/runs/{run}/events?business={slug}. Each event's data is the run as JSON (state,
 * done, total, note, steps …); the stream ends when the run has. A client that loses it asks again and gets the present state first.
 */

import { answered } from "@/app/answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { Refusal } from "@/lib/core/errors";
import { refuseOthersRun } from "@/lib/exports/made";
import { log } from "@/lib/system/log";
import { runEvents, runOf } from "@/lib/system/runs";

export const dynamic = "force-dynamic";

/** Proxies close what is silent for long. */
const keepAliveMs = 15_000;

// A server that is asked to stop waits for its open answers: streams must not hold it.
const stopping = new AbortController();
process.once("SIGTERM", () => stopping.abort());
process.once("SIGINT", () => stopping.abort());

export function GET(request: Request, { params }: { params: Promise<{ run: string }> }): Promise<Response> {
  return answered(request, async () => {
    const slug = new URL(request.url).searchParams.get("business");
    if (slug === null) throw new Refusal("field_missing", "Say which business: ?business=…", { field: "business" });
    const scope = await stockScopeOrRefusal(slug);
    const { run } = await params;
    // A run that is not there is answered as such, not by an empty stream.
    await refuseOthersRun(scope, run);
    await runOf(scope, run);
    const ended = AbortSignal.any([request.signal, stopping.signal]);
    return new Response(stream(runEvents(scope, run, ended), ended), {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "private, no-store, no-transform",
        "x-accel-buffering": "no",
      },
    });
  });
}

function stream(events: AsyncGenerator<unknown>, ended: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isGone = false;
  let beat: NodeJS.Timeout | undefined;
  return new ReadableStream({
    async start(controller) {
      beat = setInterval(() => controller.enqueue(encoder.encode(": still here\n\n")), keepAliveMs);
      try {
        for await (const event of events) {
          if (ended.aborted) break;
          controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`));
        }
      } catch (error) {
        log().warn({ err: error }, "a stream of a run's events ended early");
      }
      clearInterval(beat);
      if (!isGone) controller.close();
    },
    async cancel() {
      isGone = true;
      clearInterval(beat);
      await events.return(undefined);
    },
  });
}
