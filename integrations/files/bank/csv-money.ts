/**
 * Which columns of a bank's table are the money, and whose side their signs are on. Names suggest; the running balance proves.
 */
import type { CsvLayout } from "../reading";
import { chainOf } from "./csv-balance";
import { type Column, pickByName } from "./csv-columns";
import { directionOf, isCardPayment, kindOf, plain, rankOf } from "./csv-headers";
import { decideDecimalMark, isWrittenNegative, readAmount } from "./numbers";

export type Hints = Readonly<{ currency: string; country: string }>;
export type Doubt = CsvLayout["doubts"][number];

export type Money = { amount: number | null; credit: number | null; debit: number | null; balance: number | null };

export function pickMoney(
  columns: readonly Column[],
  headers: readonly string[] | null,
  date: Column,
  hints: Hints,
  doubts: Set<Doubt>,
): Money | null {
  const others = columns.filter((column) => column.index !== date.index);
  const holds = (column: Column) => column.amounts >= 0.5 || column.filled === 0;
  const balance = pickByName(others, headers, "balance", (column) => column.amounts >= 0.5)?.index ?? null;
  const rest = others.filter((column) => column.index !== balance);
  const amount = pickByName(
    rest,
    headers,
    "amount",
    (column) => column.amounts >= 0.5 && column.filled >= date.filled * 0.5,
  );
  const credit = pickByName(rest, headers, "credit", holds);
  const debit = pickByName(rest, headers, "debit", holds);
  if (amount) {
    const twins = rest.filter(
      (column) =>
        column.index !== amount.index && plain(headers?.[column.index] ?? "") === plain(headers?.[amount.index] ?? ""),
    );
    if (twins.length > 0) doubts.add("columns");
    return { amount: amount.index, credit: null, debit: null, balance };
  }
  const hasBoth = credit !== null && debit !== null && credit.filled + debit.filled > 0;
  if (hasBoth) return { amount: null, credit: credit.index, debit: debit.index, balance };
  const only = [credit, debit].find((column) => column !== null && column.filled > 0);
  if (only) return { amount: only.index, credit: null, debit: null, balance };
  const guessed = guessMoney(rest, balance, hints, doubts, columns, date);
  if (guessed) return guessed;
  // Named, though nothing in it reads as an amount: the rows then say what is wrong with them.
  const named = pickByName(rest, headers, "amount", (column) => column.filled > 0);
  return named ? { amount: named.index, credit: null, debit: null, balance } : null;
}

/** Without names the running balance proves the choice; without one it stays a doubt. */
function guessMoney(
  others: readonly Column[],
  balance: number | null,
  hints: Hints,
  doubts: Set<Doubt>,
  allColumns: readonly Column[],
  dates: Column,
): Money | null {
  // Every pair of columns is tried: on a sample, and on no more columns than a statement has, or a wide table would take minutes.
  const columns = allColumns.map(sampled);
  const date = sampled(dates);
  const candidates = others
    .filter((column) => column.amounts >= 0.8 && column.filled > 0)
    .slice(0, 12)
    .map(sampled);
  const withCents = candidates.filter((column) => column.cells.some((cell) => /[.,]\d{1,2}\D*$/.test(cell)));
  const pool = withCents.length > 0 ? withCents : candidates;
  const full = pool.filter((column) => column.filled >= 0.8);
  const proven = (money: Money): boolean => isProven(money, columns, date, hints);
  const balances = balance === null ? full.toReversed().map((column) => column.index) : [balance];
  for (const index of balances) {
    const left = pool.filter((column) => column.index !== index);
    for (const column of left.filter((other) => other.filled >= 0.8)) {
      const money: Money = { amount: column.index, credit: null, debit: null, balance: index };
      if (proven(money)) return money;
    }
    for (const [debit, credit] of complementary(left)) {
      for (const money of [
        { amount: null, credit, debit, balance: index },
        { amount: null, credit: debit, debit: credit, balance: index },
      ]) {
        if (proven(money)) return money;
      }
    }
  }
  doubts.add("columns");
  const [pair] = complementary(pool.filter((column) => column.index !== balance));
  const signed = full.find(
    (column) =>
      column.index !== balance &&
      column.cells.some(isWrittenNegative) &&
      column.cells.some((cell) => cell !== "" && !isWrittenNegative(cell)),
  );
  if (signed) return { amount: signed.index, credit: null, debit: null, balance };
  if (pair) return { amount: null, credit: pair[1], debit: pair[0], balance };
  const negative = full.find((column) => column.index !== balance && column.cells.some(isWrittenNegative));
  const first = negative ?? full.find((column) => column.index !== balance);
  return first ? { amount: first.index, credit: null, debit: null, balance } : null;
}

function sampled(column: Column): Column {
  return { ...column, cells: column.cells.slice(0, 500) };
}

/** Two columns of which each row fills one: banks write money out before money in. */
function complementary(columns: readonly Column[]): readonly (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (const [index, first] of columns.entries()) {
    for (const second of columns.slice(index + 1)) {
      const both = first.cells.filter((cell, row) => cell !== "" && (second.cells[row] ?? "") !== "").length;
      const either = first.cells.filter((cell, row) => cell !== "" || (second.cells[row] ?? "") !== "").length;
      if (both === 0 && either >= first.cells.length * 0.8 && first.filled < 1 && second.filled < 1)
        pairs.push([first.index, second.index]);
    }
  }
  return pairs;
}

/** Does the balance follow from these amounts on nearly every row, either way up? */
function isProven(money: Money, columns: readonly Column[], date: Column, hints: Hints): boolean {
  const amounts = amountsOf({ ...money, direction: null, isNegated: false }, columns, hints);
  const { links, broken } = linksOf(amounts, money.balance, columns, date, hints);
  return links >= 2 && broken * 10 <= links;
}

type MoneyLayout = Pick<CsvLayout, "amount" | "credit" | "debit" | "isNegated"> & { direction: number | null };

/** The signed amounts of the rows as a layout reads them, null where a row has none. */
function amountsOf(layout: MoneyLayout, columns: readonly Column[], hints: Hints): readonly (bigint | null)[] {
  const indexes = [layout.amount, layout.credit, layout.debit].filter((index) => index !== null);
  const mark = decideDecimalMark(
    indexes.flatMap((index) => columns[index]?.cells ?? []),
    hints.currency,
  ).mark;
  const at = (index: number | null, row: number): bigint | null => {
    const cell = index === null ? "" : (columns[index]?.cells[row] ?? "");
    const amount = readAmount(cell, hints.currency, mark);
    return amount.ok ? amount.minor : null;
  };
  const debitCells = layout.debit === null ? [] : (columns[layout.debit]?.cells ?? []);
  const isDebitSigned = isSignedDebit(debitCells);
  const creditCells = layout.credit === null ? [] : (columns[layout.credit]?.cells ?? []);
  const isTurned = isTurnedCredit(creditCells, debitCells);
  return (columns[0]?.cells ?? []).map((_, row) => {
    const amount = at(layout.amount, row);
    if (layout.amount !== null) {
      const way = layout.direction === null ? null : directionOf(columns[layout.direction]?.cells[row] ?? "");
      const signed = amount !== null && way === "out" ? -amount : amount;
      return signed !== null && layout.isNegated ? -signed : signed;
    }
    const credit = at(layout.credit, row);
    const debit = at(layout.debit, row);
    if (credit === null && debit === null) return null;
    return (isTurned ? -(credit ?? 0n) : (credit ?? 0n)) + (isDebitSigned ? (debit ?? 0n) : -(debit ?? 0n));
  });
}

/** Some banks write money out with a minus in its own column, most without. */
export function isSignedDebit(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => /[1-9]/.test(cell));
  return filled.length > 0 && filled.every(isWrittenNegative);
}

/** A card's bank may write money in with a minus in its own column, beside money out without one. */
export function isTurnedCredit(credits: readonly string[], debits: readonly string[]): boolean {
  return isSignedDebit(credits) && debits.some((cell) => /[1-9]/.test(cell)) && !debits.some(isWrittenNegative);
}

function linksOf(
  amounts: readonly (bigint | null)[],
  balance: number | null,
  columns: readonly Column[],
  date: Column,
  hints: Hints,
): { links: number; broken: number } {
  const cells = balance === null ? [] : (columns[balance]?.cells ?? []);
  const mark = decideDecimalMark(cells, hints.currency).mark;
  const rows = amounts.map((amount, row) => {
    const after = readAmount(cells[row] ?? "", hints.currency, mark);
    const known = { row, payee: "", memo: "", fitid: null, checkNumber: null };
    return { ...known, date: date.cells[row] ?? "", amount: amount ?? 0n, balance: after.ok ? after.minor : null };
  });
  const chain = chainOf(rows);
  return { links: chain?.links ?? 0, broken: chain?.broken.length ?? 0 };
}

/** Whose side the signs are on: the balance proves it; else a column of words; else what a card's lines are called. */
export function signs(
  layout: CsvLayout,
  columns: readonly Column[],
  hints: Hints,
  doubts: Set<Doubt>,
): Pick<CsvLayout, "isNegated"> & { direction: number | null } {
  const plainSigns = { isNegated: false, direction: null };
  if (layout.amount === null) return plainSigns;
  const cells = (columns[layout.amount]?.cells ?? []).filter((cell) => /[1-9]/.test(cell));
  const isUnsigned = !cells.some(isWrittenNegative);
  const direction = directionColumn(layout, columns);
  if (direction) return { isNegated: false, direction: direction.index };
  const some = columns.map(sampled);
  const date = some[layout.date];
  if (date && layout.balance !== null) {
    const usual = linksOf(
      amountsOf({ ...layout, direction: null, isNegated: false }, some, hints),
      layout.balance,
      some,
      date,
      hints,
    );
    const turned = linksOf(
      amountsOf({ ...layout, direction: null, isNegated: true }, some, hints),
      layout.balance,
      some,
      date,
      hints,
    );
    if (usual.links >= 1 && usual.broken < turned.broken) return plainSigns;
    if (turned.links >= 2 && turned.broken * 10 <= turned.links && turned.broken < usual.broken)
      return { isNegated: true, direction: null };
  }
  if (isNegatedByKind(layout, columns) || isNegatedByPayment(layout, columns))
    return { isNegated: true, direction: null };
  if (isUnsigned && cells.length >= 3) doubts.add("columns");
  return plainSigns;
}

/** A column that says "debit" or "credit" beside amounts without a sign; a line here and there may say something else. */
function directionColumn(layout: CsvLayout, columns: readonly Column[]): Column | undefined {
  const amounts = columns[layout.amount ?? -1]?.cells ?? [];
  const says = columns.filter((column) => {
    const rows = column.cells.flatMap((cell, row) => (directionOf(cell) === null ? [] : [row]));
    return (
      rows.length > 0 &&
      rows.length * 10 >= amounts.length * 8 &&
      !rows.some((row) => isWrittenNegative(amounts[row] ?? ""))
    );
  });
  const isTwoWay = (column: Column) => new Set(column.cells.map(directionOf).filter((way) => way !== null)).size > 1;
  return says.find(isTwoWay) ?? says.find((column) => rankOf(layout.headers[column.index] ?? "", "direction") !== null);
}

/** A card's export whose lines "payment received, thank you" are all negative, and which has more positive lines than those. */
function isNegatedByPayment(layout: CsvLayout, columns: readonly Column[]): boolean {
  const amounts = columns[layout.amount ?? -1]?.cells ?? [];
  const paid = amounts.flatMap((cell, row) =>
    columns.some((column) => column.index !== layout.amount && isCardPayment(column.cells[row] ?? "")) ? [cell] : [],
  );
  const positive = amounts.filter((cell) => /[1-9]/.test(cell) && !isWrittenNegative(cell));
  return paid.length > 0 && paid.every(isWrittenNegative) && positive.length * 2 >= amounts.length;
}

/** A card's export that shows purchases as positive and payments as negative. */
function isNegatedByKind(layout: CsvLayout, columns: readonly Column[]): boolean {
  const amounts = columns[layout.amount ?? -1]?.cells ?? [];
  return columns.some((column) => {
    if (rankOf(layout.headers[column.index] ?? "", "kind") === null) return false;
    let spentPositive = 0;
    let against = 0;
    for (const [row, cell] of column.cells.entries()) {
      const kind = kindOf(cell);
      const isNegative = isWrittenNegative(amounts[row] ?? "");
      if (kind === "spending" && !isNegative) spentPositive += 1;
      if (kind === "spending" && isNegative) against += 1;
      if (kind === "receiving" && !isNegative) against += 1;
    }
    return spentPositive > 0 && against === 0;
  });
}
