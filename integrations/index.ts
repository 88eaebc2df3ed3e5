/**
 * The door to all channels: what each is, as data, and its code, loaded when it is used. Services come in here and nowhere else.
 */
import { ChannelError } from "../lib/core/errors";
import type { Channel, Connector } from "./connector";
import type { Practice, PracticeOptions } from "./practice/server/index";

export type {
  BankAccountReading,
  BankReading,
  BankRow,
  ChannelReading,
  CsvLayout,
  Problem,
  Reading,
  SalesColumn,
  SalesLayout,
} from "./files/reading";
export { readFile } from "./files/recognise";
export { newSignIn, type SignIn } from "./oauth";

/** A channel that is connected by uploading its export files: there is nobody to pull from. */
async function fileConnector(): Promise<Connector> {
  const { readFileDocument } = await import("./files/channels/index");
  return {
    pull: () =>
      Promise.reject(new ChannelError("refused", "This channel is read from files; there is nothing to pull.")),
    read: readFileDocument,
  };
}

const fromFiles = (name: string): Channel => ({
  manifest: { name, feeds: ["file"], connect: "file", needs: [] },
  load: fileConnector,
});

export const channels = {
  practice: {
    manifest: {
      name: "Practice Market",
      // Orders before what refers to them; payouts before the rows that were paid out in them.
      feeds: ["products", "orders", "refunds", "payouts", "balance"],
      connect: "oauth",
      needs: [{ variable: "PRACTICE_URL", what: "The address of the practice server, such as http://127.0.0.1:4010." }],
    },
    load: async () => (await import("./practice/connector")).practice,
  },
  ebay: fromFiles("eBay"),
  etsy: fromFiles("Etsy"),
  amazon: fromFiles("Amazon"),
  shopify: fromFiles("Shopify"),
  stripe: fromFiles("Stripe"),
  paypal: fromFiles("PayPal"),
  square: fromFiles("Square"),
  woocommerce: fromFiles("WooCommerce"),
  poshmark: fromFiles("Poshmark"),
  mercari: fromFiles("Mercari"),
  depop: fromFiles("Depop"),
  tiktok: fromFiles("TikTok Shop"),
  whatnot: fromFiles("Whatnot"),
  other: fromFiles("Another channel"),
} as const satisfies Record<string, Channel>;

export type ChannelKind = keyof typeof channels;

/** Starts the practice server in this process, for a product that has PRACTICE_PORT set. Rejects where the port is taken. */
export async function startPracticeServer(options: PracticeOptions): Promise<Practice> {
  const { startPractice } = await import("./practice/server/index");
  return startPractice(options);
}
