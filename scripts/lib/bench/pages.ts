/** Each main page of the production build, as the server takes to answer it whole: a business with a year of orders that ends today. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../db/embedded";
import { inBusiness } from "../../../db/scope";
import { summariseDays } from "../../../lib/books/summarise-days";
import { removeBusiness } from "../../../lib/people/businesses";
import { beginSession, newSessionToken } from "../../../lib/people/sessions";
import { record } from "../../../lib/record";
import { addChannel } from "../../../lib/sales/channel-accounts";
import { build } from "../build.mjs";
import { type Part, startPart, stopGroup } from "../parts.mjs";
import { aSeller } from "../sellers";
import { analyze } from "./bare";
import { against, median, quantile, type Row, round, seconds } from "./figures";
import { aged, aSale, origin, recordAll } from "./histories";

const root = path.resolve(import.meta.dirname, "../../..");
const times = 25;

const main: Readonly<Record<string, string>> = {
  Home: "",
  Transactions: "/transactions",
  "In stock": "/inventory/in-stock",
  "In stock, half a year ago": "/inventory/in-stock?on=-183",
  "In stock, at a place": "/inventory/in-stock?location=main&sort=-value",
  "Movement summary": "/inventory/in-stock/summary",
  Ageing: "/inventory/in-stock/ageing",
  ABC: "/inventory/in-stock/abc",
  "Days of cover": "/inventory/in-stock/cover?days=90",
  "Dead stock": "/inventory/in-stock/dead",
  "Buy again": "/inventory/in-stock/buy",
  Minimums: "/inventory/in-stock/minimums",
  Movements: "/inventory/movements",
  Balances: "/inventory/balances",
  Sold: "/inventory/sold",
  "Sold, without cost": "/inventory/sold?show=missing",
  "Item ledger": "/inventory/ledger?item=i0",
  Sales: "/sales",
  Channels: "/channels",
  Payouts: "/payouts",
  "Profit and loss": "/reports/profit",
  "Balance sheet": "/reports/balance",
};

export async function benchPages(most: number): Promise<readonly Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "lotbook-bench-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    DATA_DIR: folder,
    AUTH_URL: url,
    AUTH_SECRET: newSessionToken(),
    LOTBOOK_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
  };
  await build({ root, node: process.execPath, env });
  const scope = await aSeller("A year of orders");
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "shop", kind: "hand", name: "Shop", state: "file" }));
  const today = new Date().toISOString().slice(0, 10);
  await recordAll(scope, aged(most, most, today));
  // As a worker leaves it: all days are summed but the one on which something was just sold.
  await summariseDays(scope);
  await record(scope, [{ fact: aSale("just-now", "i1", today), version: null }], origin);
  await analyze();
  const token = newSessionToken();
  await beginSession(token, scope.userId ?? "", "bench");
  const web = startPart({
    name: "web",
    program: process.execPath,
    args: ["node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", String(port)],
    cwd: root,
    env,
    logFile: path.join(folder, "web.log"),
  });
  try {
    await untilReady(url, web);
    const rows: Row[] = [];
    for (const [name, address] of Object.entries(main)) {
      const get = async () => {
        const answer = await fetch(`${url}/${scope.slug}${address}`, {
          headers: { cookie: `authjs.session-token=${token}`, "user-agent": "bench" },
          redirect: "manual",
        });
        const text = await answer.text();
        if (answer.status !== 200)
          throw new Error(`${name} answers ${answer.status}: ${text.slice(0, 300)}\n${web.said()}`);
      };
      for (let n = 0; n < 5; n += 1) await get();
      const took: number[] = [];
      for (let n = 0; n < times; n += 1) took.push((await seconds(get)) * 1e3);
      rows.push({
        what: "pages",
        page: name,
        orders: most,
        n: times,
        "ms, median": round(median(took)),
        ...against(quantile(took, 0.95), 150, 50),
      });
    }
    await removeBusiness(scope);
    return rows;
  } finally {
    await stopGroup(web.pid, 5_000);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilReady(url: string, web: Part): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    if (web.ended !== null) throw new Error(`The web process ${web.ended}:\n${web.said()}`);
    // Not whether it is ready, which asks for a worker too: no page does.
    const answer = await fetch(`${url}/sign-in`).catch((error: unknown) => {
      // Nobody listens yet; anything but a refused connection would be news.
      if (error instanceof TypeError) return null;
      throw error;
    });
    if (answer?.status === 200) return;
  }
  throw new Error(`The application is not ready after a minute:\n${web.said()}`);
}
