/**
 * Commands in any order on the real services and real PostgreSQL, beside a model that knows sums and names only (reliability.md section
 * 3.1). After each command the books are proved, agree with the model, and closed periods say what they said. A run that fails prints its
 * seed, path and replayPath, and its commands as model/seeds.ts keeps them.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { testDatabase } from "../support/database";
import { Given, type Kind, type Step } from "./model/command";
import { countCommands } from "./model/count-commands";
import { handCommands } from "./model/hand-commands";
import { moneyCommands } from "./model/money-commands";
import { salesCommands } from "./model/sales-commands";
import { everyCommand, kept } from "./model/seeds";
import { type Settings, Shop } from "./model/shop";
import { type Args, Model } from "./model/state";
import { stockCommands } from "./model/stock-commands";

const runs = Number(process.env.MODEL_RUNS ?? "4");
const length = Number(process.env.MODEL_COMMANDS ?? "60");
const seed = Number(process.env.MODEL_SEED ?? "1");
const shrinks = process.env.MODEL_SHRINK === "yes";

const kinds: Readonly<Record<string, Kind>> = {
  ...stockCommands,
  ...countCommands,
  ...salesCommands,
  ...handCommands,
  ...moneyCommands,
};
/** Given more often than the others: what others need to have something to work on. */
const often = ["purchase", "itemise", "itemise", "sale", "sale", "saleChanged", "refund", "pin", "sort", "adjust"];
const names = [...Object.keys(kinds), ...often];
const given = new Map<string, number>();

const small = (max: number) => fc.nat({ max });
const args: fc.Arbitrary<Args> = fc.record({
  at: small(40),
  of: small(40),
  day: small(90),
  qty: small(8),
  amount: small(3_000),
  way: small(11),
});
const settings: fc.Arbitrary<Settings> = fc.record({
  pool: fc.constantFrom("business" as const, "location" as const),
  graceDays: fc.constantFrom(0, 0, 3),
});

function command(name: string, of: Args): Given {
  const kind = kinds[name];
  if (kind === undefined) throw new Error(`there is no command ${name}`);
  const counted: Kind = {
    can: kind.can,
    run: async (m, shop, each) => {
      given.set(name, (given.get(name) ?? 0) + 1);
      await kind.run(m, shop, each);
    },
  };
  return new Given(name, counted, of);
}
const fromStep = ([name, at, of, day, qty, amount, way]: Step) => command(name, { at, of, day, qty, amount, way });

async function play(how: Settings, commands: Iterable<fc.AsyncCommand<Model, Shop>>): Promise<void> {
  const shop = await Shop.open(how);
  await fc.asyncModelRun(() => ({ model: new Model(), real: shop }), commands);
  await shop.closes();
}

/** A run given by hand, as a failing one prints it: its settings, then its steps. It is run in the place of those that are kept. */
function runsKept(): typeof kept {
  const text = process.env.MODEL_STEPS;
  if (text === undefined) return kept;
  const [how, ...steps] = JSON.parse(text) as [Settings, ...Step[]];
  return [{ found: "given by hand", settings: how, steps }];
}

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

describe("commands in any order", () => {
  test.each(["business", "location"] as const)("every command, costs by %s", { timeout: 240_000 }, async (pool) => {
    given.clear();
    await play({ pool, graceDays: 0 }, everyCommand.map(fromStep));
    // A command that cannot be given tests nothing.
    expect(Object.keys(kinds).filter((name) => !given.has(name))).toEqual([]);
  });

  test.each(runsKept().map((one) => [one.found, one] as const))(
    "kept: %s",
    { timeout: 240_000 },
    async (_found, one) => {
      await play(one.settings, one.steps.map(fromStep));
    },
  );

  test("leave the books proved and as the model says", { timeout: 60_000 * (1 + runs) }, async () => {
    const replayPath = process.env.MODEL_REPLAY_PATH;
    const replay = replayPath === undefined ? {} : { replayPath };
    const all = names.map((name) => args.map((of) => command(name, of)));
    // Without bias: with it, most runs are short, and what matters happens late in long ones.
    const commands = fc.noBias(fc.commands(all, { maxCommands: length, size: "max", ...replay }));
    const path = process.env.MODEL_PATH;
    await fc.assert(fc.asyncProperty(settings, commands, play), {
      seed,
      numRuns: runs,
      endOnFailure: !shrinks,
      ...(path === undefined ? {} : { path }),
    });
    if (process.env.MODEL_SHOW === "yes") console.log([...given].sort(([a], [b]) => (a < b ? -1 : 1)));
  });
});
