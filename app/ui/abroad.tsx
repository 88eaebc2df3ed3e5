import { rateDecimals } from "../../lib/core/exchange";
import { formatScaled } from "../../lib/core/money";
import type { SaidAbroad } from "../../lib/sales/said-reads";
import { Money } from "./money";

/** A rate with the decimals that it has, four at least: `1.0834`. */
function rateText(rate: bigint): string {
  return formatScaled(rate, rateDecimals).replace(/(\.\d{4}\d*?)0+$/, "$1");
}

/** What was said in another currency and what it is in the books: `EUR 59.40 (64.35 USD at 1.0834, ECB 2026-03-02)`. */
export function Abroad({ of, inBooks, currency }: { of: SaidAbroad; inBooks: bigint; currency: string }) {
  return (
    <span>
      <Money of={{ amountMinor: of.said, currency: of.currency }} zero="figure" code />{" "}
      <span className="q">
        (<Money of={{ amountMinor: inBooks, currency }} zero="figure" /> {currency} at {rateText(of.rate)}, {of.source}{" "}
        {of.on})
      </span>
    </span>
  );
}
