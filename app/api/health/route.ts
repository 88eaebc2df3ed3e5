/** The process lives. Says nothing of what it needs: that is /api/ready. */
export function GET(): Response {
  return Response.json({ status: "alive" }, { headers: { "cache-control": "no-store" } });
}

export const dynamic = "force-dynamic";
