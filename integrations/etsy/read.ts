/** Pure: what a document of Etsy says, in our words. Receipts and the ledger have files of their own. */
import { z } from "zod";
import type { Fact } from "../../lib/core/facts";
import type { Account, Listed, RawDocument } from "../connector";
import { LedgerDocument, ledgerFacts } from "./read-ledger";
import { Receipt, receiptFacts } from "./read-receipt";
import { Id, plain, shaped, textOf, wrong } from "./shape";

const Listing = z.object({
  listing_id: Id,
  title: z.string(),
  skus: z.array(z.string()),
});

/** What one stored document says. Throws ChannelError `unreadable` for what has another shape, does not add up or is in another currency. */
export function read(document: RawDocument, account: Account): readonly Fact[] {
  switch (document.feed) {
    case "orders":
      return receiptFacts(shaped(Receipt, document), account);
    case "balance":
      return ledgerFacts(shaped(LedgerDocument, document), account);
    case "products":
      // A listing is no item yet: what was never bought or sold has no place in the books. See `productsOf`.
      shaped(Listing, document);
      return [];
    case "refunds":
    case "payouts":
    case "disputes":
    case "stock":
    case "file":
      throw wrong(`there is no feed “${document.feed}”`);
  }
}

/** What a listing offers: one thing for each SKU, or one without, named by the listing's id as order lines name it. */
export function productsOf(document: RawDocument): readonly Listed[] {
  if (document.feed !== "products") return [];
  const { listing_id, title, skus } = shaped(Listing, document);
  const known = [...new Set(skus.map(textOf).filter((sku) => sku !== null))];
  const of = (sku: string | null): Listed => ({ listing: String(listing_id), sku, name: plain(title) });
  return known.length === 0 ? [of(null)] : known.map(of);
}
