/** The provider of daily rates: an address that answers with a central bank's table. */
import { ChannelError, Refusal } from "../../../lib/core/errors";
import { request } from "../../http";
import { type QuotedRate, type RateOptions, readProvided } from "./read";

/** Whose word the rates of this address are. */
export function providerOf(url: string): string {
  const { hostname } = new URL(url);
  return /(^|\.)ecb\.europa\.eu$/.test(hostname) ? "ECB" : hostname;
}

/**
 * The rates that the address gives now, in the books' currency. Throws ChannelError as any channel's answer does; `unreadable` for what is
 * no table of rates, or one without the books' currency.
 */
export async function fetchProvided(
  url: string,
  options: Omit<RateOptions, "layout">,
  signal: AbortSignal,
): Promise<readonly QuotedRate[]> {
  const { text } = await request(url, { signal, headers: { accept: "application/xml, text/xml, text/csv, */*" } });
  try {
    const { rates, problems } = readProvided(text, options);
    const wrong = problems.find(({ row }) => row !== null);
    if (rates.length === 0) throw new ChannelError("unreadable", wrong?.message ?? "No rates stand in the answer.");
    return rates;
  } catch (error) {
    if (error instanceof Refusal) throw new ChannelError("unreadable", `${new URL(url).host}: ${error.message}`);
    throw error;
  }
}
