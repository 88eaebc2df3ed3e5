/**
 * Practice Market by hand: npm run practice [-- --port 4010 --seed 7 --orders 1500 --today 2026-03-31 --state FILE]
 *
 * Without --today its clock is the computer's; with it, the shop stands still at that day.
 */
import { parseArgs } from "node:util";
import { startPractice } from "../integrations/practice/server/index";

function whole(name: string, text: string, low: number, high: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < low || Number(text) > high) {
    console.error(`--${name} is a whole number from ${low} to ${high}, not “${text}”.`);
    process.exit(2);
  }
  return Number(text);
}

const { values } = parseArgs({
  options: {
    port: { type: "string", default: process.env.PRACTICE_PORT ?? "4010" },
    seed: { type: "string" },
    orders: { type: "string" },
    today: { type: "string" },
    state: { type: "string" },
  },
});
if (values.today !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(values.today)) {
  console.error(`--today is a day such as 2026-03-31, not “${values.today}”.`);
  process.exit(2);
}
const practice = await startPractice({
  port: whole("port", values.port, 0, 65_535),
  ...(values.seed === undefined ? {} : { seed: whole("seed", values.seed, 0, 999_999_999) }),
  ...(values.orders === undefined ? {} : { orders: whole("orders", values.orders, 1, 100_000) }),
  ...(values.today === undefined ? {} : { today: values.today }),
  ...(values.state === undefined ? {} : { stateFile: values.state }),
});
console.log(`Practice Market answers on ${practice.url}. Ctrl-C stops it.`);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    practice.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
