/** The practice market as a part of the product: started by a worker where PRACTICE_PORT is set. */
import path from "node:path";
import { startPracticeServer } from "../../integrations/index";
import { log } from "../system/log";

/**
 * Starts the market; null where none is asked for, or where another worker of this computer runs it already. PRACTICE_TODAY,
 * PRACTICE_ORDERS and PRACTICE_SEED make a smaller or a standing shop, for tests. Throws one clear line where the port is something else's.
 */
export async function runPracticeMarket(
  environment: NodeJS.ProcessEnv,
): Promise<Readonly<{ url: string; close: () => Promise<void> }> | null> {
  const { PRACTICE_PORT: given, PRACTICE_TODAY: today, DATA_DIR } = environment;
  if (given === undefined || given === "") return null;
  const port = whole("PRACTICE_PORT", given, 1, 65_535);
  const stateFile = DATA_DIR ? path.join(DATA_DIR, "practice.json") : null;
  const number = (name: string) => (environment[name] ? whole(name, environment[name], 0, 999_999) : null);
  const [seed, orders] = [number("PRACTICE_SEED"), number("PRACTICE_ORDERS")];
  try {
    const market = await startPracticeServer({
      port,
      ...(seed === null ? {} : { seed }),
      ...(orders === null ? {} : { orders }),
      ...(today ? { today } : {}),
      ...(stateFile === null ? {} : { stateFile }),
    });
    log().info({ url: market.url }, "the practice market is open");
    return market;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EADDRINUSE") throw error;
    if (await isMarket(port)) {
      log().info({ port }, "the practice market is open already");
      return null;
    }
    throw new Error(`PRACTICE_PORT ${port} is in use by something else. Choose another, or none.`);
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < least || Number(text) > most)
    throw new Error(`${name} must be a whole number from ${least} to ${most}.`);
  return Number(text);
}

async function isMarket(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) });
    const said: unknown = response.ok ? await response.json() : null;
    return typeof said === "object" && said !== null && "name" in said && said.name === "Practice Market";
  } catch (error) {
    log().debug({ err: error, port }, "what listens there is no practice market");
    return false;
  }
}
