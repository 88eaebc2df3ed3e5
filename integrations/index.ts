/**
 * The door to all channels: what each is, as data, and its code, loaded when it is used. Services come in here and nowhere else.
 */
import { ChannelError } from "../lib/core/errors";
import { manifest as amazon } from "./amazon/manifest";
import type { Channel, Connector, Manifest } from "./connector";
import { manifest as ebay } from "./ebay/manifest";
import { manifest as etsy } from "./etsy/manifest";
import { manifest as paypal } from "./paypal/manifest";
import type { Practice, PracticeOptions } from "./practice/server/index";
import { manifest as shopify } from "./shopify/manifest";
import { manifest as square } from "./square/manifest";
import { manifest as stripe } from "./stripe/manifest";
import { manifest as woocommerce } from "./woocommerce/manifest";

export { fetchProvided, providerOf } from "./files/rates/fetch";
export { type QuotedRate, type RateLayout, type RatesReading, readRateFile } from "./files/rates/read";
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
  manifest: { name, feeds: ["file"], connect: "file", paysEvery: null, needs: [] },
  load: fileConnector,
});

/** A channel that comes by itself and takes its export files too: both are read into one account, by the ids that both know. */
const withFiles = (manifest: Manifest, load: () => Promise<Connector>): Channel => ({
  manifest: { ...manifest, feeds: [...manifest.feeds, "file"] },
  load: async () => {
    const [own, files] = await Promise.all([load(), fileConnector()]);
    return {
      ...own,
      read: (document, account) =>
        document.feed === "file" ? files.read(document, account) : own.read(document, account),
    };
  },
});

export const channels = {
  practice: {
    manifest: {
      name: "Practice Market",
      // Orders before what refers to them; payouts before the rows that were paid out in them.
      feeds: ["products", "orders", "refunds", "payouts", "balance"],
      connect: "oauth",
      paysEvery: 7,
      needs: [{ variable: "PRACTICE_URL", what: "The address of the practice server, such as http://127.0.0.1:4010." }],
    },
    load: async () => (await import("./practice/connector")).practice,
  },
  shopify: withFiles(shopify, async () => (await import("./shopify/connector")).shopify),
  ebay: withFiles(ebay, async () => (await import("./ebay/connector")).ebay),
  etsy: withFiles(etsy, async () => (await import("./etsy/connector")).etsy),
  amazon: withFiles(amazon, async () => (await import("./amazon/connector")).amazon),
  woocommerce: withFiles(woocommerce, async () => (await import("./woocommerce/connector")).woocommerce),
  square: withFiles(square, async () => (await import("./square/connector")).square),
  stripe: withFiles(stripe, async () => (await import("./stripe/connector")).stripe),
  paypal: withFiles(paypal, async () => (await import("./paypal/connector")).paypal),
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
