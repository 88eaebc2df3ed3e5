/**
 * Every change that the audit trail tells of, in the words of people. A service can only record what has its words here: the type of a
 * change's `what` is this table's keys. `moves`: it may move costs, so it can stand as what a corrected cost followed.
 */
type Words = Readonly<{ says: string; moves?: true }>;

export const auditWords = {
  "account.add": { says: "Account added" },
  "account.hide": { says: "Account hidden or shown again" },
  "account.rename": { says: "Account renamed" },
  "adjustment.record": { says: "Stock removed or found", moves: true },
  "adjustment.undo": { says: "Removed or found stock taken back", moves: true },
  "attachment.add": { says: "File put beside a document" },
  "attachment.remove": { says: "File beside a document removed" },
  "books.close": { says: "Books closed", moves: true },
  "books.close-year": { says: "Tax year closed for good", moves: true },
  "books.open": { says: "Closed days opened again" },
  "bundle.save": { says: "Bundle made or changed", moves: true },
  "bundle.undo": { says: "Bundle as it was before", moves: true },
  "business.costing": { says: "Pool or grace period changed", moves: true },
  "business.create": { says: "Business made" },
  "business.load-demo": { says: "Demo loaded", moves: true },
  "business.replay": { says: "History replayed from a file", moves: true },
  "business.update": { says: "Settings of the business changed" },
  "channel.add": { says: "Channel added" },
  "channel.book": { says: "Channel that was looked at taken into the books", moves: true },
  "channel.connect": { says: "Channel connected" },
  "channel.disconnect": { says: "Channel disconnected" },
  "channel.pause": { says: "Channel left to rest" },
  "channel.place-type": { says: "Rows of an unknown type placed", moves: true },
  "channel.practice-fault": { says: "Fault set at the practice market" },
  "channel.privacy": { says: "Privacy request of a channel ended" },
  "channel.resume": { says: "Channel goes on" },
  "channel.stop-sync": { says: "Sync stopped" },
  "channel.undo-sync": { says: "Sync taken back", moves: true },
  "count.approve": { says: "Count of stock approved", moves: true },
  "count.cancel": { says: "Count of stock cancelled" },
  "count.end": { says: "Count of stock ended or gone on with" },
  "count.hand-in": { says: "Counted stock handed in" },
  "count.plan": { says: "Count of stock planned or changed" },
  "count.review": { says: "Differences of a count given their reasons" },
  "count.start": { says: "Count of stock begun" },
  "count.undo": { says: "Approved count taken back", moves: true },
  "document.cancel": { says: "Invoice or note cancelled" },
  "document.issue": { says: "Invoice or note issued" },
  "document.send": { says: "Document sent by mail" },
  "document.unsent": { says: "Document could not be mailed" },
  "facts.record": { says: "Recorded from a channel or a file", moves: true },
  "facts.undo": { says: "Facts taken back", moves: true },
  "gst.item": { says: "Code and rate of a product changed" },
  "gst.operator": { says: "Operator of a channel changed" },
  "gst.purchase": { says: "Tax of a purchase said or changed" },
  "gst.settings": { says: "Tax settings changed" },
  "import.accept": { says: "File brought in" },
  "import.begin": { says: "File began to come in" },
  "import.discard": { says: "File thrown away before it came in" },
  "import.rows": { says: "Rows of a bank's file brought in" },
  "import.stop": { says: "File stopped while it came in" },
  "import.undo": { says: "File taken back", moves: true },
  "item.barcodes": { says: "Barcodes of a product changed" },
  "item.change": { says: "Product changed", moves: true },
  "job.forget": { says: "Job that was given up forgotten" },
  "job.retry": { says: "Job that was given up tried again" },
  "letterhead.change": { says: "Head of papers changed" },
  "location.add": { says: "Location made" },
  "location.change": { says: "Location changed" },
  "location.first": { says: "Usual location changed" },
  "location.of-channel": { says: "Location of a channel's sales changed" },
  "location.of-person": { says: "Location of a person changed" },
  "location.retire": { says: "Location retired" },
  "location.use-again": { says: "Location taken back into use" },
  "minimum.change": { says: "Minimums of stock changed" },
  "minimum.mail": { says: "Mail about low stock switched on or off" },
  "minimum.risen": { says: "Stock found above its minimum again" },
  "minimum.told": { says: "Mail about low stock sent" },
  "order.change": { says: "Sale by hand changed", moves: true },
  "order.record": { says: "Sale by hand recorded", moves: true },
  "order.undo": { says: "Sale by hand taken back", moves: true },
  "payout.join": { says: "Payout joined with its deposit" },
  "purchase.detail": { says: "Purchase's details saved", moves: true },
  "purchase.record": { says: "Purchase recorded", moves: true },
  "purchase.take_back": { says: "Purchase taken back", moves: true },
  "production.record": { says: "Production recorded", moves: true },
  "production.undo": { says: "Production taken back", moves: true },
  "reason.account": { says: "Account of a reason changed" },
  "recipe.add": { says: "Recipe written" },
  "recipe.change": { says: "Recipe changed" },
  "recipe.retire": { says: "Recipe retired" },
  "recipe.use-again": { says: "Recipe taken back into use" },
  "return.place": { says: "Returned goods placed", moves: true },
  "return.place.undo": { says: "Placing of returned goods taken back", moves: true },
  "return.record": { says: "Return recorded by hand", moves: true },
  "return.undo": { says: "Return taken back", moves: true },
  "rule.add": { says: "Rule for transactions made" },
  "rule.apply": { says: "Rule applied to open transactions" },
  "rule.move": { says: "Rule moved up or down" },
  "rule.remove": { says: "Rule removed" },
  "rule.switch": { says: "Rule switched on or off" },
  "sale.cost": { says: "Cost of a sale given", moves: true },
  "sale.cost.undo": { says: "Given cost or item taken back", moves: true },
  "sale.costs": { says: "Costs of several sales given", moves: true },
  "sale.match": { says: "Item of a sale chosen", moves: true },
  "series.form": { says: "Form of documents' numbers changed" },
  "transaction.add": { says: "Transaction recorded by hand" },
  "transaction.edit": { says: "Transaction changed" },
  "transaction.remove": { says: "Transaction removed" },
  "transaction.sort": { says: "Transaction filed" },
  "transfer.cancel": { says: "Transfer cancelled" },
  "transfer.draft": { says: "Transfer written or changed" },
  "transfer.end": { says: "Rest of a transfer said to be missing" },
  "transfer.place": { says: "Shortage of a transfer placed", moves: true },
  "transfer.receive": { says: "Transfer received or a part of it", moves: true },
  "transfer.send": { says: "Transfer sent", moves: true },
  "transfer.undo": { says: "Step of a transfer taken back", moves: true },
} as const satisfies Readonly<Record<string, Words>>;

export type AuditWhat = keyof typeof auditWords;

const known: ReadonlyMap<string, Words> = new Map(Object.entries(auditWords));

/** What was done, for people. An action that this version does not know any more stands as it was recorded. */
export function saysOf(what: string): string {
  return known.get(what)?.says ?? what;
}

/** The actions that may move costs. */
export const movingCosts: readonly string[] = [...known].flatMap(([what, words]) => (words.moves ? [what] : []));

/** The actions whose words hold these: a search for "taken back" finds them by what the page calls them. */
export function actionsSaying(text: string): readonly string[] {
  const sought = text.toLowerCase();
  return [...known].flatMap(([what, { says }]) => (says.toLowerCase().includes(sought) ? [what] : []));
}
