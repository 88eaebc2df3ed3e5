import { readiness } from "@/lib/system/ready";

export const dynamic = "force-dynamic";

/** 200 when database, migrations and queue are ready; 503, with what is missing, when not. */
export async function GET(): Promise<Response> {
  const state = await readiness();
  return Response.json(state, {
    status: state.status === "ready" ? 200 : 503,
    headers: { "cache-control": "no-store" },
  });
}
