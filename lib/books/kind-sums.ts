/**
 * What movements are by what they do to stock, as sums of movements `m`: the columns that item_months and item_days keep of each kind.
 * Sold, come back and gone between places have quantities and values of their own, all positive; of what came in otherwise (bought, made,
 * found, an opening, a cost given by hand) only the value is kept, since its quantity is the rest of what came in; what went out otherwise
 * (removed, used in production, back to a supplier) is the rest of both.
 */
const back = "m.kind in ('sale_return', 'loose_return')";
const sums = {
  added_minor:
    "sum(m.value_minor) filter (where m.qty > 0 and m.kind not in ('sale_return', 'loose_return', 'transfer'))",
  sold_qty: "-sum(m.qty) filter (where m.kind = 'sale')",
  sold_minor: "-sum(m.value_minor) filter (where m.kind = 'sale')",
  back_qty: `sum(m.qty) filter (where ${back})`,
  back_minor: `sum(m.value_minor) filter (where ${back})`,
  moved_in_qty: "sum(m.qty) filter (where m.kind = 'transfer' and m.qty > 0)",
  moved_in_minor: "sum(m.value_minor) filter (where m.kind = 'transfer' and m.qty > 0)",
  moved_out_qty: "-sum(m.qty) filter (where m.kind = 'transfer' and m.qty < 0)",
  moved_out_minor: "-sum(m.value_minor) filter (where m.kind = 'transfer' and m.qty < 0)",
} as const;

/** The columns, in the order in which tables have them. */
export const kindColumns = Object.keys(sums) as readonly (keyof typeof sums)[];

/** The sum of each over movements `m`, 0 where there are none: a text of SQL. */
export const kindSum = Object.fromEntries(
  kindColumns.map((column) => [column, `coalesce(${sums[column]}, 0)`]),
) as Readonly<Record<keyof typeof sums, string>>;

/** All of them, each under its column's name. */
export const kindSums: string = kindColumns.map((column) => `${kindSum[column]} as ${column}`).join(", ");
