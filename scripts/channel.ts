/**
 * A local server that behaves as a channel does: npm run channel -- shopify [--port 4020]. It prints what to put into .env so that a person
 * can connect it in the browser, and the commands of its control port (sell, refund, payout, faults, expire, revoke, deliver).
 */
import { parseArgs } from "node:util";
import { kinds } from "./channels/index";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "4020" } },
});
const [kind = ""] = positionals;
const start = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
if (start === undefined) {
  console.error(`npm run channel -- KIND, where KIND is one of: ${Object.keys(kinds).join(", ")}.`);
  process.exit(2);
}
if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
  console.error(`--port is a number from 0 to 65535, not “${values.port}”.`);
  process.exit(2);
}
const { url, close, environment, says } = await start(Number(values.port));
console.log(`${kind} answers on ${url}. Put this into .env, start Lotbook again, and connect it under Channels:\n`);
for (const [name, value] of Object.entries(environment)) console.log(`${name}=${value}`);
if (says !== "") console.log(`\n${says}`);
console.log(`\nIts commands: curl ${url}/control; such as curl -X POST ${url}/control/sell. Ctrl-C stops it.`);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
