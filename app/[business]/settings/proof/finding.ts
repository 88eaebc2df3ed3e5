/** Where a finding of the proof leads: to the account, entry, order, purchase, lot's item or payout that it names. */
const leads: readonly (readonly [RegExp, (base: string, found: readonly string[]) => string])[] = [
  [
    /account (\d{4,5}) in (\d{4}-\d{2})/,
    (base, [, code = "", month = ""]) => `${base}/reports/accounts/${code}?period=${month}`,
  ],
  [/entry ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/, (base, [, id = ""]) => `${base}/reports/entries/${id}`],
  [/as it was sealed$|^the chain has block \d+ as it was at the closing/, (base) => `${base}/settings/closing`],
  [
    /order (\S+) (?:has posted|is what its fact says|is there|is in the books)/,
    (base, [, id = ""]) => `${base}/sales/${pathOf(id)}`,
  ],
  [
    /purchase (\S+) (?:has posted|is what its fact says)/,
    (base, [, id = ""]) => `${base}/inventory/details/${pathOf(id)}`,
  ],
  [/payout (\S+) (?:has posted|is what its fact says)/, (base, [, id = ""]) => `${base}/payouts/${pathOf(id)}`],
  [
    /(?:quantity on hand|in, out and value|value and shortage) of (\S+) (?:is|in)/,
    (base, [, id = ""]) => `${base}/inventory/ledger?item=${encodeURIComponent(id)}`,
  ],
  [/^(?:cost|lot) /, (base) => `${base}/inventory/in-stock`],
  [/sale|line/, (base) => `${base}/inventory/sold`],
  [/Inventory|inventory/, (base) => `${base}/inventory/balances`],
];

function pathOf(id: string): string {
  return id.split("/").map(encodeURIComponent).join("/");
}

/** The page of what a finding is about; null where there is none. */
export function findingHref(base: string, what: string): string | null {
  for (const [pattern, lead] of leads) {
    const found = pattern.exec(what);
    if (found !== null) return lead(base, found);
  }
  return null;
}
