/** Pure: what a document of Square says, in our words. Orders, refunds and payout entries have files of their own. */
import { z } from "zod";
import { type Fact, factKey } from "../../lib/core/facts";
import type { Account, Listed, RawDocument } from "../connector";
import { EntryDocument, entryFacts } from "./read-entry";
import { Order, orderFacts } from "./read-order";
import { RefundDocument, refundFacts } from "./read-refund";
import { Id, Money, minorOf, shaped, Time, whenOf, wrong } from "./shape";

const Item = z.object({
  id: Id,
  item_data: z.object({
    name: z.string().nullish(),
    variations: z
      .array(
        z.object({
          id: Id,
          item_variation_data: z.object({ name: z.string().nullish(), sku: z.string().nullish() }),
        }),
      )
      .nullish(),
  }),
});
const Payout = z.object({ id: Id, created_at: Time, amount_money: Money });

/** What one stored document says. Throws ChannelError `unreadable` for what has another shape, does not add up or is in another currency. */
export function read(document: RawDocument, account: Account): readonly Fact[] {
  switch (document.feed) {
    case "orders":
      return orderFacts(shaped(Order, document), account);
    case "refunds":
      return refundFacts(shaped(RefundDocument, document), account);
    case "payouts":
      return payoutFacts(shaped(Payout, document), account);
    case "balance":
      return entryFacts(shaped(EntryDocument, document), account);
    case "products":
      // What is for sale is no item yet: what was never bought or sold has no place in the books. See `productsOf`.
      shaped(Item, document);
      return [];
    case "disputes":
    case "stock":
    case "file":
      throw wrong(`there is no feed “${document.feed}”`);
  }
}

/**
 * The payout, and the row that takes it out of the balance, which Square's entries leave out. A payout that failed was sent all the same:
 * its money comes back as an entry RETURNED_PAYOUT.
 */
function payoutFacts(payout: z.infer<typeof Payout>, account: Account): readonly Fact[] {
  const amount = minorOf(payout.amount_money, account);
  if (amount === 0n) return [];
  const when = whenOf(payout.created_at, account);
  const { channel } = account;
  const fact: Fact = { kind: "payout", id: `${channel}/payout/${payout.id}`, channel, date: when.on, amount };
  const row: Fact = {
    kind: "balance_row",
    id: `${channel}/row/payout/${payout.id}`,
    channel,
    when,
    type: "PAYOUT",
    amount: -amount,
    payout: null,
    about: factKey(fact),
    memo: "Payout",
  };
  return [fact, row];
}

/** What the catalogue lists: one thing for each variation, whose id order lines have. */
export function productsOf(document: RawDocument): readonly Listed[] {
  if (document.feed !== "products") return [];
  const { item_data } = shaped(Item, document);
  const variations = item_data.variations ?? [];
  return variations.map(({ id, item_variation_data: { name, sku } }) => ({
    listing: id,
    sku: sku?.trim() || null,
    name: [item_data.name, name].filter((text) => text !== null && text !== undefined && text !== "").join(", "),
  }));
}
