/** What a connection to a WooCommerce shop keeps. */
import { z } from "zod";

export const Credentials = z.strictObject({
  url: z.string().min(1),
  key: z.string().min(1),
  secret: z.string().min(1),
  /** The secret of the shop's webhooks; null where the seller made none. */
  webhookSecret: z.string().min(1).nullable(),
  name: z.string(),
});
export type Credentials = z.infer<typeof Credentials>;
