/** A local Shopify in a process of its own, so that its memory and its work are told apart: `shopify-child.ts ORDERS`, prints its address. */
import { startShopify } from "../../channels/shopify/index";

const orders = Number(process.argv[2] ?? "1000");
// Its limits are not what is measured: the real ones would make every figure the same.
const { url, app } = await startShopify({ port: 0, orders, rate: { maximum: 1_000_000, restore: 1_000_000 } });
console.log(JSON.stringify({ url, ...app }));
