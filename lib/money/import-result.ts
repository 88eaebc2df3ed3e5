/** What a file says, as figures that a person and a program can compare: the shape that `npm run import` prints. Amounts are whole minor units. */
import type { BankReading, ChannelReading, Problem, Reading } from "../../integrations/index";

type Figure = number | null;
export type ImportResult = Readonly<{
  file: string;
  kind: string;
  channel: string | null;
  account: string | null;
  encoding: string;
  rows: number;
  read: number;
  new: number;
  already: number;
  doubtful: number;
  from: string | null;
  through: string | null;
  types: readonly Readonly<{ type: string; currency: string; count: number; amount: number }>[];
  net: readonly Readonly<{ currency: string; amount: number }>[];
  stated: Readonly<{ opening: Figure; closing: Figure; total: Figure }>;
  agrees: boolean | null;
  payouts: readonly Readonly<{
    id: string;
    date: string | null;
    currency: string;
    amount: number;
    rows: number;
    difference: number;
  }>[];
  orders: number;
  units: number;
  unknown_types: readonly string[];
  problems: readonly Problem[];
  /** Only false, and only there where the file is not taken without a person's word. */
  accepted?: false;
}>;

/** How many of the file's rows are new, here already, or perhaps here already. */
export type Counts = Readonly<{ new: number; already: number; doubtful: number }>;

const figure = (amount: bigint | null): Figure => (amount === null ? null : Number(amount));

/** The figures of a reading. `currency` is the books', for files that name none. */
export function resultOf(file: string, reading: Reading, counts: Counts, currency: string): ImportResult {
  return reading.type === "bank" ? bankResult(file, reading, counts, currency) : channelResult(file, reading, counts);
}

function common(file: string, reading: Reading, counts: Counts) {
  const { kind, encoding, rows, read, from, through, agrees, problems } = reading;
  return { file, kind, encoding, rows, read, ...counts, from, through, agrees, problems };
}

function bankResult(file: string, reading: BankReading, counts: Counts, books: string): ImportResult {
  const types = new Map<string, { type: string; currency: string; count: number; amount: number }>();
  const net = new Map<string, number>();
  for (const account of reading.accounts) {
    const currency = account.currency ?? books;
    for (const row of account.rows) {
      const type = row.amount < 0n ? "debit" : "credit";
      const key = `${type} ${currency}`;
      const sum = types.get(key) ?? { type, currency, count: 0, amount: 0 };
      types.set(key, sum);
      sum.count += 1;
      sum.amount += Number(row.amount);
      net.set(currency, (net.get(currency) ?? 0) + Number(row.amount));
    }
  }
  const {
    file: name,
    kind,
    encoding,
    rows,
    read,
    from,
    through,
    agrees,
    problems,
    ...how
  } = common(file, reading, counts);
  // What several accounts state cannot be one figure; each statement keeps its own.
  const [only] = reading.accounts.length === 1 ? reading.accounts : [];
  const stated = only?.stated ?? { opening: null, closing: null, total: null };
  return {
    file: name,
    kind,
    channel: null,
    account: reading.accounts.flatMap(({ account }) => account ?? []).join(", ") || null,
    encoding,
    rows,
    read,
    ...how,
    from,
    through,
    types: [...types.values()],
    net: [...net].map(([currency, amount]) => ({ currency, amount })),
    stated: { opening: figure(stated.opening), closing: figure(stated.closing), total: figure(stated.total) },
    agrees,
    payouts: [],
    orders: 0,
    units: 0,
    unknown_types: [],
    problems,
  };
}

function channelResult(file: string, reading: ChannelReading, counts: Counts): ImportResult {
  const {
    file: name,
    kind,
    encoding,
    rows,
    read,
    from,
    through,
    agrees,
    problems,
    ...how
  } = common(file, reading, counts);
  const { stated } = reading;
  return {
    file: name,
    kind,
    channel: reading.channel,
    account: reading.account,
    encoding,
    rows,
    read,
    ...how,
    from,
    through,
    types: reading.types.map((type) => ({ ...type, amount: Number(type.amount) })),
    net: reading.net.map(({ currency, amount }) => ({ currency, amount: Number(amount) })),
    stated: { opening: figure(stated.opening), closing: figure(stated.closing), total: figure(stated.total) },
    agrees,
    payouts: reading.payouts.map(({ id, date, currency, amount, rows: sum }) => ({
      id,
      date,
      currency,
      amount: Number(amount),
      rows: Number(sum),
      difference: Number(amount - sum),
    })),
    orders: reading.orders,
    units: reading.units,
    unknown_types: reading.unknownTypes,
    problems,
  };
}

/** The figures as they are printed: in this order, and nothing beside them (what is stored with them is the preview's). */
export function printed(result: ImportResult): ImportResult {
  const { file, kind, channel, account, encoding, rows, read, new: isNew, already, doubtful, from, through } = result;
  const { types, net, stated, agrees, payouts, orders, units, unknown_types, problems, accepted } = result;
  return {
    ...{ file, kind, channel, account, encoding, rows, read, new: isNew, already, doubtful, from, through },
    types: types.map(({ type, currency, count, amount }) => ({ type, currency, count, amount })),
    net: net.map(({ currency, amount }) => ({ currency, amount })),
    stated: { opening: stated.opening, closing: stated.closing, total: stated.total },
    agrees,
    payouts: payouts.map(({ id, date, currency, amount, rows: sum, difference }) => ({
      ...{ id, date, currency, amount, rows: sum, difference },
    })),
    orders,
    units,
    unknown_types,
    problems: problems.map(({ row, column, code, message }) => ({ row, column, code, message })),
    ...(accepted === undefined ? {} : { accepted }),
  };
}
