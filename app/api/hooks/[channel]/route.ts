/**
 * Where channels call: proved by the channel's own signature over the very bytes, written down, answered. The work happens later. There is
 * no session and no origin here; who cannot sign is refused.
 */
import { answer } from "@/app/answer";
import { Refusal } from "@/lib/core/errors";
import { takeHook } from "@/lib/sales/hooks";
import { env } from "@/lib/system/env";

export const dynamic = "force-dynamic";

/** No channel's event is larger; a body without end is not kept in memory. */
const mostBytes = 2_000_000;

type Params = { params: Promise<{ channel: string }> };

export const GET = (request: Request, { params }: Params): Promise<Response> => take(request, params);
export const POST = (request: Request, { params }: Params): Promise<Response> => take(request, params);

async function take(request: Request, params: Params["params"]): Promise<Response> {
  try {
    const { channel } = await params;
    // Signatures may cover the address that the channel was given, which is the public one, whatever stands before this server.
    const { pathname, search } = new URL(request.url);
    const url = new URL(`${pathname}${search}`, env().AUTH_URL ?? request.url).href;
    const body = await bytesOf(request);
    const said = await takeHook(channel, { method: request.method, url, headers: request.headers, body });
    return new Response(said.body, {
      status: said.status,
      headers: { "content-type": said.contentType, "cache-control": "no-store" },
    });
  } catch (error) {
    return answer(error);
  }
}

async function bytesOf(request: Request): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) break;
    size += read.value.byteLength;
    if (size > mostBytes) {
      await reader?.cancel();
      throw new Refusal("file_too_large", `A call has at most ${mostBytes} bytes.`);
    }
    parts.push(read.value);
  }
  return Buffer.concat(parts);
}
