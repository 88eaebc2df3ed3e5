/**
 * A document sent by mail, with its PDF. Who sent what to whom is in the audit trail before it leaves; that it did not leave, after. Few at
 * a time, so that nobody mails the world from somebody's books.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import { paperPdf } from "../exports/paper-pdf";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { log } from "../system/log";
import { canMail, sendMail } from "../system/mail";
import { paperText } from "./letterhead";
import { type PaperKind, paperFile, paperOf } from "./notes";

export const mostRecipients = 5;
/** So many mails of documents a business sends within a day. */
export const mostMailsADay = 100;
const longestMessage = 2_000;
const address = /^[^\s@<>(),;:\\"[\]\p{Cc}]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/u;

/** Addresses that were typed, apart by commas, semicolons or lines. Refuses what is none, at the field `to`. */
export function recipientsOf(typed: string): readonly string[] {
  const found = [
    ...new Set(
      typed
        .split(/[\s,;]+/)
        .map((one) => one.trim())
        .filter((one) => one !== ""),
    ),
  ];
  if (found.length === 0) throw new Refusal("field_missing", "To which address?", { field: "to" });
  if (found.length > mostRecipients)
    throw new Refusal("too_many_rows", `At most ${mostRecipients} addresses at once.`, { field: "to" });
  const wrong = found.find((one) => one.length > 254 || !address.test(one));
  if (wrong !== undefined)
    throw new Refusal("bad_field", `“${wrong.slice(0, 60)}” is not an e-mail address.`, { field: "to" });
  return found;
}

/**
 * Mails a document to each of the addresses. Refuses `unsupported` where no mail is set up, `too_many_requests` past the day's measure,
 * `not_ready` where the mail server does not take it.
 */
export async function sendPaper(
  scope: Scope,
  input: Readonly<{ of: PaperKind; id: string; to: string; message: string }>,
): Promise<Readonly<{ sent: number }>> {
  require(scope, "write");
  const to = recipientsOf(input.to);
  const message = paperText(input.message, "message", longestMessage, true);
  if (!canMail())
    throw new Refusal(
      "unsupported",
      "No mail server is set up here: whoever runs Lotbook gives it one with SMTP_URL. Until then, download the PDF and send it yourself.",
    );
  const paper = await paperOf(scope, input.of, input.id);
  const bytes = await paperPdf(paper);
  const name = `${paper.title} ${paper.number ?? ""}`.trim();
  await inBusiness(scope, async (tx) => {
    // Two who send at once are counted one after the other.
    await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
    const [row] = await rowsOf<{ n: number }>(
      tx,
      sql`select coalesce(sum(jsonb_array_length(after -> 'to')), 0)::int as n from app.audit_trail
          where business_id = ${scope.businessId} and what = 'document.send' and at > now() - interval '1 day'`,
    );
    if ((row?.n ?? 0) + to.length > mostMailsADay)
      throw new Refusal(
        "too_many_requests",
        `${mostMailsADay} mails of documents a day are the measure. Try again tomorrow.`,
        {
          field: "to",
          retryAfterSeconds: "3600",
        },
      );
    await recordAudit(tx, scope, { what: "document.send", about: paper.number ?? input.id, after: { to } });
  });
  const text = [message === "" ? `${name} is attached.` : message, "", paper.from.name].join("\n");
  const files = [{ name: paperFile(paper), type: "application/pdf", bytes }];
  const failed: string[] = [];
  for (const one of to) {
    try {
      await sendMail({ to: one, subject: `${name} from ${paper.from.name}`, text, files });
    } catch (error) {
      log().error({ err: error }, "a document could not be mailed");
      failed.push(one);
    }
  }
  if (failed.length === 0) return { sent: to.length };
  await inBusiness(scope, (tx) =>
    recordAudit(tx, scope, { what: "document.unsent", about: paper.number ?? input.id, after: { to: failed } }),
  );
  throw new Refusal(
    "not_ready",
    `The mail server did not take it for ${failed.join(", ")}. Try again, or download the PDF.`,
    {
      field: "to",
    },
  );
}
