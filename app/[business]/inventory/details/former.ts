/** Details as they were before a save, as a form sends them back. */
import { z } from "zod";
import type { FormerDetails } from "@/lib/desk/purchases";

const minor = z.string().regex(/^-?\d{1,19}$/);
export const Former = z.strictObject({
  lines: z
    .array(
      z.strictObject({
        id: z.string(),
        item: z.string(),
        qty: minor,
        amount: minor,
        location: z.string(),
        weight: minor.nullable(),
      }),
    )
    .max(1_000),
  extras: z
    .array(z.strictObject({ label: z.string(), amount: minor, by: z.enum(["value", "quantity", "weight"]) }))
    .max(1_000),
}) satisfies z.ZodType<FormerDetails>;
