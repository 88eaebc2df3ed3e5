/** What the tests of channel files share: reading fixtures, and a second, small statement of what facts do to a channel's balance. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "vitest";
import { channelReaders, readFileDocument } from "../../../integrations/files/channels";
import type { ChannelReading, ReadOptions } from "../../../integrations/files/reading";
import { decode } from "../../../integrations/files/text";
import { OtherCurrency } from "../../../lib/core/errors";
import { type Fact, factKey } from "../../../lib/core/facts";

const fixtures = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures");
export const hasFixtures = existsSync(fixtures);

export const options = (currency = "USD", timeZone = "UTC"): ReadOptions => ({
  fileName: "upload",
  currency,
  country: "US",
  timeZone,
  layout: null,
});

/** Reads bytes as an upload does: decoded, recognised by content, read by the reader that is surest. */
export function readBytes(bytes: Uint8Array, chosen: ReadOptions = options()): ChannelReading {
  const { text, encoding } = decode(bytes, "upload");
  const best = channelReaders
    .map((reader) => ({ reader, sure: reader.recognise(text) }))
    .sort((a, b) => b.sure - a.sure)[0];
  if (best === undefined || best.sure === 0) throw new Error("no reader recognises this file");
  const reading = best.reader.read(text, encoding, chosen);
  if (reading.type !== "channel") throw new Error("a channel's file was read as a bank's");
  return reading;
}

export const readText = (text: string, chosen?: ReadOptions): ChannelReading =>
  readBytes(Buffer.from(text, "utf8"), chosen);
export const readFixture = (name: string, chosen?: ReadOptions): ChannelReading =>
  readBytes(readFileSync(resolve(fixtures, name)), chosen);

/** All facts of a reading in one currency, by way of JSON as the documents are stored. Documents in others are for whoever reads them so. */
export function factsOf(reading: ChannelReading, currency = "USD", timeZone = "UTC"): readonly Fact[] {
  const account = { channel: reading.channel, currency, timeZone };
  return reading.documents.flatMap((document) => {
    try {
      return readFileDocument({ ...document, body: JSON.parse(JSON.stringify(document.body)) }, account);
    } catch (error) {
      if (error instanceof OtherCurrency) return [];
      throw error;
    }
  });
}

/** `among`: where its order is found, whose tax the channel may give back itself. What a fact does to the channel's balance, by accounting.md. */
export function effectOf(fact: Fact, _at = 0, among: readonly Fact[] = []): bigint {
  switch (fact.kind) {
    case "order": {
      const goods = fact.lines.reduce((sum, { amount }) => sum + amount, 0n);
      const fees = fact.fees.reduce((sum, { amount }) => sum + amount, 0n);
      const paid = goods + fact.shipping + fact.tax - fact.discount;
      return paid - fees - (fact.taxBy === "channel" ? fact.tax : 0n);
    }
    case "return": {
      const goods = fact.lines.reduce((sum, { amount }) => sum + amount, 0n);
      if (fact.order === null) return -goods;
      const order = among.find((one) => one.kind === "order" && one.id === fact.order);
      const isRemitted = order?.kind === "order" && order.taxBy === "channel";
      return -goods - (fact.shipping ?? 0n) - (isRemitted ? 0n : (fact.tax ?? 0n));
    }
    case "charge":
      return fact.amount;
    case "payout":
      return -fact.amount;
    default:
      return 0n;
  }
}

export const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);
export const rowsIn = (facts: readonly Fact[]) => facts.flatMap((fact) => (fact.kind === "balance_row" ? [fact] : []));
export const kindOf = <Kind extends Fact["kind"]>(facts: readonly Fact[], kind: Kind) =>
  facts.filter((fact): fact is Extract<Fact, { kind: Kind }> => fact.kind === kind);
/** The rows that move nothing in the books: what the channel holds back, gives free or carries on. */
export const heldIn = (facts: readonly Fact[]): bigint =>
  total(
    rowsIn(facts)
      .filter(({ about }) => about === null)
      .map(({ amount }) => amount),
  );
export const typesOf = (reading: ChannelReading) =>
  Object.fromEntries(reading.types.map(({ type, amount }) => [type, amount]));
export const countsOf = (reading: ChannelReading) =>
  Object.fromEntries(reading.types.map(({ type, count }) => [type, count]));

/**
 * What must hold for every file with money: ids are unique, each order, return, charge and payout is explained to the cent by its
 * rows, and all that the facts post on the channel's balance, with what is held, is `moves`.
 */
export function expectProven(facts: readonly Fact[], moves: bigint): void {
  const keys = facts.map(factKey);
  expect(new Set(keys).size).toBe(keys.length);
  const explained = new Map<string, bigint>();
  for (const { about, amount } of rowsIn(facts))
    if (about !== null) explained.set(about, (explained.get(about) ?? 0n) + amount);
  for (const fact of facts) {
    if (fact.kind === "balance_row") continue;
    expect([factKey(fact), explained.get(factKey(fact)) ?? 0n]).toEqual([factKey(fact), effectOf(fact, 0, facts)]);
  }
  const known = new Set(keys);
  for (const about of explained.keys()) expect(known.has(about) ? about : `${about} is unknown`).toBe(about);
  expect(total(facts.map(effectOf)) + heldIn(facts)).toBe(moves);
}
