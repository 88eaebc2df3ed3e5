/** Commands of money and of time: payouts, bank lines and files, closing and opening, and what befalls queue, worker and database. */

import { sql } from "drizzle-orm";
import { expect } from "vitest";
import { closeThrough, openAgain } from "../../../lib/books/periods";
import { addDays, daysBetween } from "../../../lib/core/dates";
import type { LocalDate } from "../../../lib/core/facts";
import { formatMinor } from "../../../lib/core/money";
import { undoImport } from "../../../lib/desk/import-undo";
import { acceptImport } from "../../../lib/desk/imports";
import { pairDeposit, unpairDeposit } from "../../../lib/desk/payouts";
import { type As, addByHand, removeByHand, sortAs } from "../../../lib/desk/transactions";
import { takeFile } from "../../../lib/money/imports";
import { preview } from "../../../lib/preview";
import { newId } from "../../../lib/system/ids";
import { deliver, payoutDocument } from "./channel-documents";
import { dayOf, type Kind, must } from "./command";
import { attempt, readLines, type Shop } from "./shop";
import { type BankFile, type BankLine, type Model, type Payout, payoutFact } from "./state";

/** Few amounts, so that deposits and payouts meet. */
const paid = [1_000n, 2_500n, 4_000n] as const;

const payout: Kind = {
  can: () => true,
  run: async (m, shop, { of, day }) => {
    const id = m.next("p");
    const one: Payout = {
      id,
      on: dayOf(day),
      amount: must(paid, of),
      version: 1,
      isGone: false,
      returned: false,
      isReturnGone: false,
    };
    m.payouts.set(id, one);
    await deliver(m, shop, payoutDocument(one));
  },
};

const onTheWay = (m: Model) => [...m.payouts.values()].filter((one) => !one.isGone && !one.returned);
/** A payout comes back: a second one, the other way. */
const payoutFails: Kind = {
  can: (m) => onTheWay(m).length > 0,
  run: async (m, shop, { at }) => {
    const one = must(onTheWay(m), at);
    one.returned = true;
    one.version += 1;
    await deliver(m, shop, payoutDocument(one));
  },
};

/** The channel says another amount than before: the deposit that was found for the old one was not it. */
const payoutChanged: Kind = {
  can: (m) => onTheWay(m).length > 0,
  run: async (m, shop, { at, of }) => {
    const one = must(onTheWay(m), at);
    one.amount = must(paid, of);
    one.version += 1;
    await deliver(m, shop, payoutDocument(one));
  },
};

const bankLine: Kind = {
  can: () => true,
  run: async (m, shop, { of, day, amount, way }) => {
    const [on, money] = [dayOf(day), way % 2 === 0 ? must(paid, of) : -1n - BigInt(amount)];
    const input = { account: "1000", on, amount: money, payee: "A payee", memo: "" };
    const id = await addByHand(shop.scope, input);
    m.lines.set(id, { id, on, amount: money, file: null, payee: input.payee, payout: null });
    await readLines(m, shop);
  },
};

async function bringIn(m: Model, shop: Shop, file: BankFile): Promise<void> {
  const { scope } = shop;
  const { id } = await takeFile(scope, { name: "bank.csv", bytes: Buffer.from(file.text, "utf8") });
  const { result } = await acceptImport(scope, id, { takesLayout: true });
  const rows = await shop.rows<{ id: string; on: LocalDate; amount: string; payee: string }>(
    sql`select id, on_date::text as "on", amount_minor::text as amount, payee from app.transactions
        where business_id = ${scope.businessId} and import_id = ${id} and not is_undone order by id`,
  );
  expect(result.new, "as many lines are new as came").toBe(rows.length);
  expect(result.new + result.already + result.doubtful, "each row of the file is told").toBe(file.rows.length);
  for (const { id: line, on, amount, payee } of rows) {
    const said = file.rows.find((row) => row.payee === payee);
    expect([on, BigInt(amount)], "a line is as the file has it").toEqual([said?.on, said?.amount]);
    m.lines.set(line, { id: line, on, amount: BigInt(amount), file: id, payee, payout: null });
  }
  m.imports.set(id, file);
  await readLines(m, shop);
}

const bankFile: Kind = {
  can: () => true,
  run: async (m, shop, { of, day, qty, amount, way }) => {
    const rows = Array.from({ length: 1 + (qty % 3) }, (_, place) => ({
      on: dayOf(day + place),
      amount: (way + place) % 2 === 0 ? must(paid, of + place) : -1n - BigInt(amount),
      payee: m.next("Payee number "),
    }));
    const cells = rows.map(
      (row) => `${row.on},${row.payee},${formatMinor(row.amount, "USD").replace(/[^0-9.−-]/gu, "")}`,
    );
    const text = `Date,Description,Amount\n${cells.join("\n").replaceAll("−", "-")}\n`;
    const file = { rows, text };
    m.files.push(file);
    await bringIn(m, shop, file);
  },
};

/** The same file once more: what of it is here is not brought again. */
const importAgain: Kind = {
  can: (m) => m.files.length > 0,
  run: async (m, shop, { at }) => {
    const file = must(m.files, at);
    // A row that looked like another line was not taken; that line may be gone now.
    const here = new Set([...m.lines.values()].map((line) => line.payee));
    const isHere = file.rows.every((row) => here.has(row.payee));
    await bringIn(m, shop, file);
    m.isUnchanged = isHere && !m.hasJoined;
  },
};

/** A purchase with details, or one that something names, stays. */
const isHeld = (m: Model, line: BankLine, except: (purchase: string, amount: bigint) => boolean = () => false) =>
  m.purchasesOf(line.id).some((one) => {
    if (except(one.id, one.amount)) return false;
    const left = m.toDetail(one);
    return left !== one.amount || m.namers(`purchase/${one.id}`).length > 0;
  });

const importUndo: Kind = {
  can: (m) => m.imports.size > 0,
  run: async (m, shop, { at }) => {
    const id = must([...m.imports.keys()], at);
    const lines = [...m.lines.values()].filter((line) => line.file === id);
    const wanted = lines.some((line) => isHeld(m, line)) ? "refused" : "done";
    const gone = await attempt(m, wanted, ["in_use"], () => undoImport(shop.scope, id));
    if (gone === null) return;
    expect(gone, "all lines of the file went").toBe(lines.length);
    m.imports.delete(id);
    for (const line of lines) remove(m, line);
    await readLines(m, shop);
  },
};
function remove(m: Model, line: BankLine): void {
  m.lines.delete(line.id);
  for (const one of m.purchasesOf(line.id)) m.purchases.delete(one.id);
}

const byHand = (m: Model) => [...m.lines.values()].filter((line) => line.file === null);
const bankLineUndo: Kind = {
  can: (m) => byHand(m).length > 0,
  run: async (m, shop, { at }) => {
    const line = must(byHand(m), at);
    const done = await attempt(m, isHeld(m, line) ? "refused" : "done", ["in_use"], async () => {
      await removeByHand(shop.scope, { id: line.id, version: null });
      return true;
    });
    if (done) remove(m, line);
  },
};

/** What a bank line is: money spent, goods bought (all of it or a part), a person's own, or nothing yet. */
const sort: Kind = {
  can: (m) => m.lines.size > 0,
  run: async (m, shop, { at, amount, way }) => {
    const line = must([...m.lines.values()], at);
    const isOut = line.amount < -1n;
    const part = -1n - (BigInt(amount) % (isOut ? -line.amount - 1n : 1n));
    const parts = [
      { category: "6040", amount: line.amount - part, memo: "" },
      { category: "1200", amount: part, memo: "" },
    ];
    const goods: As = isOut ? { kind: "inventory" } : { kind: "personal" };
    const split: As = isOut ? { kind: "split", parts } : { kind: "hidden" };
    const as = must<As>([goods, { kind: "category", code: "6030" }, split, { kind: "open" }, goods], way);
    const wanted: readonly Readonly<{ id: string; amount: bigint }>[] =
      as.kind === "inventory"
        ? [{ id: `transaction/${line.id}`, amount: -line.amount }]
        : as.kind === "split"
          ? [{ id: `transaction/${line.id}/2`, amount: -part }]
          : [];
    const stays = (id: string, money: bigint) => wanted.some((one) => one.id === id && one.amount === money);
    const isRefused = isHeld(m, line, stays);
    const done = await attempt(m, isRefused ? "refused" : "done", ["in_use"], () =>
      sortAs(shop.scope, [{ id: line.id, version: null }], as),
    );
    if (done === null) return;
    for (const one of m.purchasesOf(line.id)) if (!stays(one.id, one.amount)) m.purchases.delete(one.id);
    for (const one of wanted)
      if (!m.purchases.has(one.id)) m.purchases.set(one.id, { ...one, line: line.id, lots: [], extras: [] });
    await readLines(m, shop);
  },
};

const pair: Kind = {
  can: (m) => m.payouts.size > 0 && m.lines.size > 0,
  run: async (m, shop, { at, of }) => {
    const one = must([...m.payouts.values()], at);
    const same = [...m.lines.values()].filter((line) => line.amount === one.amount);
    const line = must(same.length > 0 ? same : [...m.lines.values()], of);
    const days = daysBetween(one.on, line.on);
    const isTaken = [...m.lines.values()].some((each) => each.payout === payoutFact(one.id));
    const fits = line.amount === one.amount && days >= 0n && days <= 7n && line.payout === null;
    // A line that was sorted as something else is not offered; the model does not know which is.
    const wanted = fits && !one.isGone && !isTaken ? "either" : "refused";
    await attempt(m, wanted, ["stale"], () =>
      pairDeposit(shop.scope, { payout: payoutFact(one.id), deposit: line.id }),
    );
    await readLines(m, shop);
    if (!m.isUnchanged) expect(line.payout, "what was said is kept").toBe(payoutFact(one.id));
  },
};
const unpair: Kind = {
  can: (m) => [...m.lines.values()].some((line) => line.payout !== null),
  run: async (m, shop, { at }) => {
    const line = must(
      [...m.lines.values()].filter((each) => each.payout !== null),
      at,
    );
    await unpairDeposit(shop.scope, { payout: line.payout ?? "" });
    await readLines(m, shop);
    expect(line.payout, "the payout waits again").toBeNull();
  },
};

const today = "2026-11-21";
const close: Kind = {
  can: (m, { day }) => m.closedThrough === null || m.closedThrough < dayOf(day),
  run: async (m, shop, { day }) => {
    const from = m.closedThrough === null ? "1900-01-01" : addDays(m.closedThrough, 1);
    const through = dayOf(day);
    await closeThrough(shop.scope, through, { today });
    m.closedThrough = through;
    await shop.seal(from, through);
  },
};
const reopen: Kind = {
  can: (m) => m.closedThrough !== null,
  run: async (m, shop, { day, way }) => {
    const wanted = dayOf(day);
    const through = way % 2 === 0 || wanted >= (m.closedThrough ?? "") ? null : wanted;
    await openAgain(shop.scope, through, "a test");
    m.closedThrough = through;
    shop.unseal(through);
  },
};

/** What would change is told, and nothing changes. */
const looked: Kind = {
  can: () => true,
  run: async (m, shop, { day, qty, amount }) => {
    const lines = [{ id: newId(), item: "a", qty: BigInt(1 + qty), amount: BigInt(amount), location: null }];
    const fact = { kind: "opening" as const, id: newId(), date: dayOf(day), lines };
    await preview(shop.scope, { facts: [{ fact, version: null }] });
    m.isUnchanged = true;
  },
};

const queueLost: Kind = {
  can: () => true,
  run: async (m) => {
    m.delivery = "queue lost";
  },
};
const workerKilled: Kind = {
  can: () => true,
  run: async (m, _shop, { way }) => {
    m.delivery = way % 2 === 0 ? "died at its beginning" : "died after its work";
  },
};
const databaseRestarted: Kind = {
  can: () => true,
  run: async (m, shop) => {
    await shop.restart();
    m.isUnchanged = true;
  },
};

export const moneyCommands = {
  payout,
  payoutFails,
  payoutChanged,
  bankLine,
  bankFile,
  importAgain,
  importUndo,
  bankLineUndo,
  sort,
  pair,
  unpair,
  close,
  reopen,
  looked,
  queueLost,
  workerKilled,
  databaseRestarted,
} satisfies Readonly<Record<string, Kind>>;
