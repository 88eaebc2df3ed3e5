/** A person with a business, and a practice market that the business is connected to as a person would connect it. */
import { sql } from "drizzle-orm";
import { asSystem } from "../../db/scope";
import { type Practice, type PracticeOptions, startPractice } from "../../integrations/practice/server/index";
import { openBusiness, type Scope } from "../../lib/people/access";
import { createBusiness } from "../../lib/people/businesses";
import { beginConnect, finishConnect, redirectUriOf } from "../../lib/sales/connect";
import type { Connected } from "../../lib/sales/connected";
import { newId } from "../../lib/system/ids";
import { runOf } from "../../lib/system/runs";

/** A new person. */
export async function aPerson(): Promise<string> {
  const id = newId();
  await asSystem("a person for a test or a benchmark", (tx) =>
    tx.execute(sql`insert into app.users (id, email, created_at) values (${id}, ${`${id}@example.test`}, now())`),
  );
  return id;
}

/** A new business with its owner. */
export async function aSeller(name = "Alder Street"): Promise<Scope> {
  const id = await aPerson();
  const made = await createBusiness(
    { id },
    { name, country: "US", currency: "USD", timeZone: "America/New_York", taxYearStartMonth: 1 },
  );
  return openBusiness(id, made.slug);
}

/** A market that stands still, which the environment names from now on. */
export async function aMarket(options: Partial<PracticeOptions> = {}): Promise<Practice> {
  const market = await startPractice({ port: 0, today: "2026-03-31", orders: 60, ...options });
  process.env.PRACTICE_URL = market.url;
  return market;
}

/** Goes to the address as a browser would, presses Allow, and gives what the market sends back with. */
export async function pressAllow(url: string): Promise<Readonly<{ state: string; code: string }>> {
  const page = await (await fetch(url)).text();
  const fields = new URLSearchParams({ decision: "allow" });
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    if (name !== undefined && value !== undefined) fields.set(name, value.replaceAll("&amp;", "&"));
  const answer = await fetch(new URL("/oauth/authorize", url), { method: "POST", body: fields, redirect: "manual" });
  const back = new URL(answer.headers.get("location") ?? "about:blank").searchParams;
  const [state, code] = [back.get("state"), back.get("code")];
  if (state === null || code === null) throw new Error(`the market did not send back a code: ${back}`);
  return { state, code };
}

/** Connects the market: its first sync is asked for. */
export async function connect(scope: Scope): Promise<Connected> {
  const redirectUri = redirectUriOf("practice");
  const back = await pressAllow(await beginConnect(scope, "practice", redirectUri));
  return finishConnect({ ...back, userId: scope.userId ?? "", redirectUri });
}

/** Waits until the worker has finished this run. Throws when it fails, is cancelled, or takes more than two minutes. */
export async function syncDone(scope: Scope, run: string): Promise<void> {
  for (let i = 0; i < 600; i += 1) {
    const { state, note } = await runOf(scope, run);
    if (state === "done") return;
    if (state === "failed" || state === "cancelled") throw new Error(`the sync has ended as ${state}: ${note}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the sync does not end");
}
