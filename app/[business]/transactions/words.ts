/** What a transaction is, in a form's value and in words. */
import { Refusal } from "@/lib/core/errors";
import type { As } from "@/lib/desk/transactions";
import type { Holds, MoneyAccount } from "@/lib/money/money-accounts";
import type { Category, TransactionRow } from "@/lib/money/transaction-reads";

export type Choice = Readonly<{ value: string; label: string }>;
export type ChoiceGroup = Readonly<{ label: string; choices: readonly Choice[] }>;

export const holdsNames: Readonly<Record<Holds, string>> = { bank: "Bank account", card: "Card", cash: "Cash box" };

const groups: readonly Readonly<{ label: string; types: readonly string[] }>[] = [
  { label: "Costs", types: ["expense", "cost_of_sales"] },
  { label: "Income", types: ["income", "contra_income"] },
  { label: "Owner, loans, taxes and the rest", types: ["equity", "liability", "asset"] },
];

/** All that a transaction may be, grouped; Inventory first, because that is what most of a seller's purchases are. */
export function choicesOf(categories: readonly Category[], accounts: readonly MoneyAccount[]): readonly ChoiceGroup[] {
  const byType = (types: readonly string[]) =>
    categories
      .filter((one) => types.includes(one.type) && one.code !== "1200")
      .map((one) => ({ value: `category:${one.code}`, label: one.name }));
  return [
    { label: "Inventory", choices: [{ value: "inventory", label: "Inventory" }] },
    ...groups.map(({ label, types }) => ({ label, choices: byType(types) })),
    {
      label: "Not a cost",
      choices: [
        { value: "personal", label: "Not for the business" },
        ...accounts
          .filter((one) => !one.isArchived)
          .map((one) => ({ value: `transfer:${one.code}`, label: `Transfer, ${one.name}` })),
        { value: "hidden", label: "Hide it" },
      ],
    },
  ].filter((group) => group.choices.length > 0);
}

/** A form's value as the service takes it. @throws Refusal `field_missing`, `bad_field` */
export function readAs(value: string): As {
  const at = value.indexOf(":");
  const [kind, code] = at < 0 ? [value, ""] : [value.slice(0, at), value.slice(at + 1)];
  switch (kind) {
    case "open":
    case "inventory":
    case "personal":
    case "hidden":
      return { kind };
    case "category":
      return { kind, code };
    case "transfer":
      return { kind, account: code };
    case "payout":
      return { kind, payout: code };
    case "":
      throw new Refusal("field_missing", "Say what it is.", { field: "as" });
    default:
      throw new Refusal("bad_field", "Choose from the list.", { field: "as" });
  }
}

/** The form's value of what a transaction is now; a split has none of its own. */
export function formValue(row: Pick<TransactionRow, "state" | "category" | "matched">): string {
  switch (row.state) {
    case "categorised":
      return `category:${row.category ?? ""}`;
    case "transfer":
      return `transfer:${row.category ?? ""}`;
    case "payout":
      return `payout:${row.matched ?? ""}`;
    case "split":
    case "open":
      return "open";
    default:
      return row.state;
  }
}

/** What it is, in a few words. */
export function saysWhat(row: Pick<TransactionRow, "state" | "categoryName" | "amount" | "matched">): string {
  switch (row.state) {
    case "open":
      return "Not categorised";
    case "categorised":
      return row.categoryName ?? "";
    case "inventory":
      return "Inventory";
    case "transfer":
      return `Transfer ${row.amount < 0n ? "to" : "from"} ${row.categoryName ?? ""}${row.matched === null ? ", other line awaited" : ""}`;
    case "payout":
      return "Payout";
    case "personal":
      return row.amount < 0n ? "Taken out by the owner" : "Put in by the owner";
    case "hidden":
      return "Hidden";
    case "split":
      return "Split";
  }
}

/** `id@version`, as rows and forms name a transaction. */
export const seenText = (row: Pick<TransactionRow, "id" | "version">): string => `${row.id}@${row.version}`;

export function readSeen(text: string): Readonly<{ id: string; version: number | null }> {
  const at = text.lastIndexOf("@");
  const version = at < 0 ? "" : text.slice(at + 1);
  return /^\d{1,9}$/.test(version) ? { id: text.slice(0, at), version: Number(version) } : { id: text, version: null };
}
