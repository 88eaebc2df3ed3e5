/**
 * A year of believable trade, the same for the same day: what a small shop of kitchen, workshop and textile finds buys and sells on
 * two marketplaces and a market stall. Only facts; the books follow from them as from anybody's.
 */
import { addDays, daysBetween } from "../core/dates";
import type { Fact, LocalDate, OrderFact } from "../core/facts";
import { allocate, share } from "../core/money";
import { newVersion, Random } from "./random";

type Product = Readonly<{
  id: string;
  sku: string | null;
  name: string;
  price: bigint;
  cost: bigint;
  weight: number;
  listing: string;
}>;

const repeated: readonly (readonly [string, string, number, number])[] = [
  ["TEA-OLV", "Linen tea towel, stripe", 1600, 410],
  ["TOTE-OLV", "Waxed canvas tote, olive", 6400, 2480],
  ["TOTE-NVY", "Waxed canvas tote, navy", 6400, 2480],
  ["BRD-S", "Olive-wood board, small", 4200, 1590],
  ["BRD-L", "Olive-wood board, large", 6800, 2690],
  ["JAR-1Q", "Stoneware jar, 1 qt", 3800, 1380],
  ["JAR-2Q", "Stoneware jar, 2 qt", 5200, 1940],
  ["LAN-RST", "Storm lantern, rust", 5400, 2210],
  ["LAN-GRN", "Storm lantern, green", 5400, 2210],
  ["TRV-CI", "Cast-iron trivet", 2800, 930],
  ["CND-BEE", "Beeswax candles, pair", 2200, 720],
  ["APR-DEN", "Denim apron, pocketed", 4800, 1760],
  ["MUG-SLT", "Salt-glaze mug", 2900, 990],
  ["SPN-BEE", "Beech spoon, long", 1400, 360],
  ["BSK-WIL", "Willow basket, round", 7200, 3050],
  ["BRM-HND", "Hand broom, sorghum", 2600, 880],
  ["ENM-BWL", "Enamel bowl, cream", 2400, 790],
  ["ENM-PLT", "Enamel plate, cream", 1900, 610],
  ["GLS-DEM", "Demijohn, 5 l", 8400, 3600],
  ["WOL-BLK", "Wool throw, oatmeal", 11800, 5200],
  ["SOA-LAV", "Soap bar, lavender", 900, 240],
  ["SOA-OAT", "Soap bar, oatmeal", 900, 240],
  ["HNG-OAK", "Oak peg rail, five", 5600, 2140],
  ["TIN-FLR", "Flour tin, embossed", 4400, 1650],
];
const finds: readonly (readonly [string, number])[] = [
  ["Griswold No. 8 skillet", 14500],
  ["Kodak Retina IIa", 11800],
  ["Jadeite mugs, set of 6", 12600],
  ["Le Creuset oven, flame", 16800],
  ["Pendleton throw, 1960s", 14200],
  ["Roseville bowl, zephyr lily", 9800],
  ["Philco radio, Bakelite", 17500],
  ["Western Electric 500", 8200],
  ["Hudson’s Bay blanket, 4 point", 29500],
  ["Stangl plates, set of 4", 9600],
  ["Hull vase, magnolia", 7800],
  ["Pentax K1000 body", 16500],
  ["Anglepoise 1227, black", 24500],
  ["Copper mould, fish", 5200],
  ["Pyrex Gooseberry bowls", 13200],
  ["Fire-King mixing set", 8800],
  ["Singer 221 Featherweight", 38500],
  ["Bauer ringware pitcher", 11200],
  ["Stanley No. 4 plane", 7600],
  ["Disston D-8 saw", 5400],
  ["Coleman 200A lantern", 9400],
  ["Fiesta disc jug, yellow", 6900],
  ["McCoy cookie jar", 8400],
  ["Wagner Ware No. 10", 9900],
  ["Chemex, three-cup", 5800],
  ["Dansk Kobenstyle pot", 12900],
  ["Dietz Little Wizard", 6300],
  ["Starrett square, 12 in", 8700],
  ["Zippo, 1958 pattern", 6100],
  ["Olivetti Lettera 32", 21500],
  ["Oneida flatware for 8", 10400],
  ["Hall teapot, cobalt", 7200],
];
const estates = [
  "Estate sale, Cooper Hill",
  "Estate of R. Lindqvist",
  "Estate sale, Mill Rd",
  "Estate of M. Whitcomb",
  "Auction lot, Harlan & Sons",
];
const suppliers = [
  "Redwood Supply Co.",
  "Field & Loom",
  "Norden Stoneware",
  "Cardinal Goods Wholesale",
  "Taller Olivo",
];

export type Trade = Readonly<{
  channels: readonly Readonly<{ id: string; kind: string; name: string }>[];
  facts: readonly Readonly<{ fact: Fact; version: string | null }>[];
}>;

const ebay = "ebay-shop";
const etsy = "etsy-shop";
const stall = "market-stall";

/** The year of trade that ends on `today`. */
export function tradeUntil(today: LocalDate): Trade {
  const random = new Random(20_260_101n);
  const start = addDays(today, -364);
  const facts: { fact: Fact; version: string | null }[] = [];
  const add = (fact: Fact, mayChange = false) =>
    facts.push({ fact, version: mayChange ? newVersion(facts.length) : null });

  const goods: Product[] = repeated.map(([sku, name, price, cost], i) => ({
    id: `item-${sku.toLowerCase()}`,
    sku,
    name,
    price: BigInt(price),
    cost: BigInt(cost),
    weight: 24 - (i % 12),
    listing: `L${1000 + i}`,
  }));
  const oneOffs: Product[] = finds.map(([name, price], i) => ({
    id: `item-find-${i + 1}`,
    sku: null,
    name,
    price: BigInt(price),
    cost: share(BigInt(price), BigInt(18 + ((i * 7) % 22)), 100n),
    weight: 1,
    listing: `F${2000 + i}`,
  }));
  // The last finds are sold but nobody entered them yet: they wait for a person.
  const known = oneOffs.slice(0, 24);
  for (const item of [...goods, ...known]) {
    add({ kind: "item", id: item.id, name: item.name, sku: item.sku, decimals: 0, aliases: [] }, true);
  }
  add({
    kind: "opening",
    id: "opening",
    date: start,
    lines: goods.slice(0, 10).map((item, i) => ({
      id: `opening-${i + 1}`,
      item: item.id,
      qty: BigInt(6 + (i % 5)),
      amount: item.cost * BigInt(6 + (i % 5)),
      location: null,
    })),
  });
  addPurchases(add, random, start, today, goods, known);
  addOrders(add, random, start, today, goods, oneOffs);
  return {
    channels: [
      { id: ebay, kind: "ebay", name: "eBay" },
      { id: etsy, kind: "etsy", name: "Etsy" },
      { id: stall, kind: "hand", name: "Market stall" },
    ],
    facts,
  };
}

type Add = (fact: Fact, mayChange?: boolean) => unknown;

/** Goods are bought every few weeks, finds in mixed lots; the latest lots are not detailed yet. */
function addPurchases(
  add: Add,
  random: Random,
  start: LocalDate,
  today: LocalDate,
  goods: readonly Product[],
  known: readonly Product[],
): void {
  let number = 0;
  for (let day = 5; day < 360; day += 15) {
    number += 1;
    const id = `purchase-${number}`;
    const date = addDays(start, day);
    const chosen = [0, 1, 2, 3]
      .map((k) => goods[(number * 5 + k * 7) % goods.length])
      .filter((item): item is Product => item !== undefined);
    const distinct = [...new Set(chosen)];
    const lines = distinct.map((item, k) => {
      const qty = BigInt(random.between(8, 18));
      return { id: `${id}-${k + 1}`, item: item.id, qty, amount: item.cost * qty, location: null };
    });
    const listed = lines.reduce((sum, line) => sum + line.amount, 0n);
    const shipping = BigInt(random.between(900, 3400));
    add(
      {
        kind: "purchase",
        id,
        date,
        amount: listed + shipping,
        lines,
        extras: [{ label: "Shipping", amount: shipping }],
        account: "1000",
        supplier: suppliers[number % suppliers.length] ?? "Wholesale",
      },
      true,
    );
  }
  const lots = [20, 75, 130, 185, 240];
  lots.forEach((day, n) => {
    const id = `estate-${n + 1}`;
    const mine = known.slice(n * 5, n * 5 + 5).slice(0, n === 4 ? 4 : 5);
    const lines = mine.map((item, k) => ({
      id: `${id}-${k + 1}`,
      item: item.id,
      qty: 1n,
      amount: item.cost,
      location: null,
    }));
    const listed = lines.reduce((sum, line) => sum + line.amount, 0n);
    add(
      {
        kind: "purchase",
        id,
        date: addDays(start, day),
        amount: listed + (n % 2 === 0 ? 0n : 11_800n),
        lines,
        extras: [],
        account: "1000",
        supplier: estates[n] ?? "Estate sale",
      },
      true,
    );
  });
  [
    [300, 19_600n],
    [331, 20_300n],
    [352, 18_200n],
  ].forEach(([day, amount], n) => {
    add(
      {
        kind: "purchase",
        id: `lot-${n + 1}`,
        date: addDays(start, Number(day)),
        amount: BigInt(amount ?? 0),
        lines: [],
        extras: [],
        account: "1000",
        supplier: estates[(n + 2) % estates.length] ?? "Estate sale",
      },
      true,
    );
  });
  add({
    kind: "adjustment",
    id: "broken-jar",
    date: addDays(today, -90),
    location: null,
    reason: "damaged",
    lines: [{ id: "broken-jar-1", item: "item-jar-1q", qty: -1n, amount: 0n }],
  });
}

type Balance = { id: string; on: LocalDate; amount: bigint; about: string; type: string };

/** Orders each day, more towards the holidays; fees and tax as each channel takes them; weekly payouts proven by their rows. */
function addOrders(
  add: Add,
  random: Random,
  start: LocalDate,
  today: LocalDate,
  goods: readonly Product[],
  oneOffs: readonly Product[],
): void {
  const balances = new Map<string, Balance[]>([
    [ebay, []],
    [etsy, []],
    [stall, []],
  ]);
  const days = Number(daysBetween(start, today));
  let order = 0;
  let find = 0;
  for (let day = 1; day <= days; day += 1) {
    const on = addDays(start, day);
    const season = /-1[12]-/.test(on) ? 2 : 1;
    const count = random.between(0, 2 * season + 1);
    for (let n = 0; n < count; n += 1) {
      order += 1;
      const draw = random.between(1, 100);
      const channel = draw <= 44 ? ebay : draw <= 82 ? etsy : stall;
      const isFind = find < oneOffs.length && day >= 30 + find * 10 && channel !== stall;
      const lineCount = isFind ? 1 : random.between(1, 8) === 1 ? 2 : 1;
      const id = `${channel}/order/${10_000 + order}`;
      const lines = Array.from({ length: lineCount }, (_, k) => {
        const item = isFind ? oneOffs[find] : goods[random.weighted(goods.map((one) => one.weight))];
        const qty = isFind ? 1n : BigInt(random.between(1, 10) > 8 ? 2 : 1);
        return {
          id: `${id}/line/${k + 1}`,
          sku: item?.sku ?? null,
          name: item?.name ?? "",
          listing: channel === stall ? null : (item?.listing ?? null),
          qty,
          amount: (item?.price ?? 0n) * qty,
          location: null,
        };
      });
      if (isFind) find += 1;
      placeOrder(add, random, balances, { id, number: numberOf(channel, order), channel, on, today, lines });
    }
    // Each Monday what waits is paid out, but for what is younger than three days.
    if (day % 7 === 0) payOut(add, balances, on, day);
  }
  // What waits to be paid out is on the channel's own list too.
  for (const [channel, rows] of balances) for (const row of rows) addRow(add, channel, row, null);
}

function numberOf(channel: string, order: number): string {
  if (channel === ebay)
    return `${String(17 + Math.floor(order / 90)).padStart(2, "0")}-${11_000 + order}-${13_865 + order * 37}`;
  return channel === etsy ? String(3_318_862_325 + order * 2_311) : `S-${order}`;
}

type Draft = Readonly<{
  id: string;
  number: string;
  channel: string;
  on: LocalDate;
  today: LocalDate;
  lines: OrderFact["lines"];
}>;

function placeOrder(add: Add, random: Random, balances: Map<string, Balance[]>, draft: Draft): void {
  const { id, channel, on } = draft;
  const gross = draft.lines.reduce((sum, line) => sum + line.amount, 0n);
  const isMarket = channel !== stall;
  const shipping = isMarket ? BigInt(random.between(0, 3) === 0 ? 0 : 595) : 0n;
  const discount = isMarket && random.between(1, 12) === 1 ? share(gross, 10n, 100n) : 0n;
  const taxed = random.between(1, 3) > 1;
  const tax = isMarket && taxed ? share(gross - discount + shipping, 75n, 1000n) : 0n;
  const paid = gross + shipping + tax - discount;
  const fees = !isMarket
    ? []
    : channel === ebay
      ? [{ kind: "final value", amount: share(paid, 1325n, 10_000n) + 40n }]
      : [
          { kind: "transaction", amount: share(gross + shipping - discount, 65n, 1000n) },
          { kind: "processing", amount: share(paid, 3n, 100n) + 25n },
        ];
  const fact: OrderFact = {
    kind: "order",
    id,
    number: draft.number,
    channel,
    when: { on, at: null },
    lines: draft.lines,
    shipping,
    tax,
    taxBy: "channel",
    discount,
    fees,
  };
  add(fact, true);
  const rows = balances.get(channel);
  const net = paid - tax - fees.reduce((sum, fee) => sum + fee.amount, 0n);
  if (isMarket) rows?.push({ id: `${id}/row`, on, amount: net, about: `order/${id}`, type: "Order" });
  if (isMarket && random.between(1, 5) === 1) {
    const label = BigInt(random.between(410, 1290));
    add(
      {
        kind: "charge",
        id: `${id}/label`,
        channel,
        date: on,
        category: "label",
        type: "Shipping label",
        amount: -label,
        order: id,
        memo: "Shipping label",
      },
      true,
    );
    rows?.push({ id: `${id}/label/row`, on, amount: -label, about: `charge/${id}/label`, type: "Shipping label" });
  }
  const line = draft.lines[0];
  const back = addDays(on, random.between(5, 14));
  if (line !== undefined && isMarket && random.between(1, 28) === 1 && back <= draft.today) {
    const amounts = allocate(line.amount, [1n]);
    const isKnown = random.between(1, 3) > 1;
    add(
      {
        kind: "return",
        id: `${id}/refund`,
        date: back,
        order: id,
        lines: [
          {
            id: `${id}/refund/1`,
            line: line.id,
            qty: line.qty,
            amount: amounts[0] ?? 0n,
            restock: isKnown,
            writeOff: false,
            location: null,
            placed: isKnown,
          },
        ],
      },
      true,
    );
    rows?.push({
      id: `${id}/refund/row`,
      on: back,
      amount: -line.amount,
      about: `return/${id}/refund`,
      type: "Refund",
    });
  }
}

function payOut(add: Add, balances: Map<string, Balance[]>, on: LocalDate, day: number): void {
  for (const [channel, rows] of balances) {
    if (channel === stall) continue;
    const ready = rows.filter((row) => row.on < addDays(on, -2));
    if (ready.length === 0) continue;
    const id = `${channel}/payout/${on}`;
    const sum = ready.reduce((total, row) => total + row.amount, 0n);
    if (sum <= 0n) continue;
    // One payout of the year came short of its rows: the page shows by how much.
    const amount = day === 322 && channel === etsy ? sum - 410n : sum;
    add({ kind: "payout", id, channel, date: on, amount }, true);
    for (const row of ready) addRow(add, channel, row, id);
    balances.set(
      channel,
      rows.filter((row) => !ready.includes(row)),
    );
  }
}

function addRow(add: Add, channel: string, row: Balance, payout: string | null): void {
  const { id, on, amount, about, type } = row;
  add({ kind: "balance_row", id, channel, when: { on, at: null }, type, amount, payout, about, memo: "" }, true);
}
