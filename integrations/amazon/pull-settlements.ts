/**
 * Pulling settlement reports. Amazon makes them when it pays; they cannot be asked for, only listed, for 90 days. Each page is one report,
 * newest first, read by the rules of the file that a seller downloads by hand, so that the two are the same documents.
 */
import { z } from "zod";
import { ChannelError, Refusal } from "../../lib/core/errors";
import { amazonSettlement, bodyOf, fileDocument, saleElsewhere, settlementLayouts } from "../amazon-settlements";
import type { Page, RawDocument } from "../connector";
import { download } from "./api";
import { ownPrefix, silentPart } from "./names";
import { type Ask, answered, dayMs, iso, later } from "./pull-pages";

const settlementType = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";
/** Reports are kept for 90 days; an hour less, for clocks that differ. */
const keptMs = 90 * dayMs - 3_600_000;
const overlapMs = dayMs;
/** A settlement every day would be 90. */
const mostPages = 20;

const Report = z.object({
  reportId: z.string().min(1).max(200),
  reportDocumentId: z.string().min(1),
  createdTime: z.iso.datetime({ offset: true }),
  dataEndTime: z.iso.datetime({ offset: true }).nullish(),
});
type Report = z.infer<typeof Report>;
const Reports = z.object({ reports: z.array(Report), nextToken: z.string().min(1).nullish() });
const ReportDocument = z.object({ url: z.url(), compressionAlgorithm: z.string().nullish() });

/** The settlement reports that were made since then, and are ready. */
export async function settlementReports(ask: Ask, since: string | null): Promise<readonly Report[]> {
  const earliest = iso(ask.nowMs() - keptMs);
  const found: Report[] = [];
  let token: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const query: Readonly<Record<string, string>> =
      token === null
        ? {
            reportTypes: settlementType,
            processingStatuses: "DONE",
            marketplaceIds: ask.marketplace.id,
            pageSize: "100",
            createdSince: later(earliest, since) ?? earliest,
          }
        : { nextToken: token };
    const got = await ask.call({ operation: "getReports", path: "/reports/2021-06-30/reports", query });
    const { reports, nextToken } = answered(Reports, got, "settlement reports");
    found.push(...reports);
    token = nextToken ?? null;
    if (token === null) return found;
  }
  throw new ChannelError("refused", "Amazon's list of settlement reports does not end");
}

const Cursor = z.strictObject({
  since: z.iso.datetime().nullable(),
  /** What is still to be fetched; null: not listed yet. */
  todo: z.array(z.strictObject({ report: z.string(), document: z.string() })).nullable(),
  seen: z.iso.datetime().nullable(),
});
type Cursor = z.infer<typeof Cursor>;

/** One settlement report. */
export async function pullSettlements(ask: Ask, cursor: string | null): Promise<Page> {
  let at: Cursor = cursor === null ? { since: ask.since, todo: null, seen: null } : Cursor.parse(JSON.parse(cursor));
  if (at.todo === null) {
    const reports = [...(await settlementReports(ask, at.since))];
    reports.sort((a, b) => (a.createdTime < b.createdTime ? 1 : -1));
    at = {
      ...at,
      todo: reports.map(({ reportId, reportDocumentId }) => ({ report: reportId, document: reportDocumentId })),
      seen: reports.reduce((most, { createdTime }) => later(most, iso(Date.parse(createdTime))), at.seen),
    };
  }
  const [first, ...rest] = at.todo ?? [];
  const documents = first === undefined ? [] : await documentsOf(ask, first.report, first.document);
  const since = at.seen === null ? at.since : iso(Date.parse(at.seen) - overlapMs);
  return {
    documents,
    next: rest.length === 0 ? null : JSON.stringify({ ...at, todo: rest } satisfies Cursor),
    watermark: rest.length === 0 ? JSON.stringify({ since, todo: null, seen: at.seen } satisfies Cursor) : null,
  };
}

async function documentsOf(ask: Ask, report: string, documentId: string): Promise<readonly RawDocument[]> {
  const got = await ask.call({
    operation: "getReportDocument",
    path: `/reports/2021-06-30/documents/${encodeURIComponent(documentId)}`,
    // With this the address says that what it gives is packed, and fetch unpacks it.
    query: { enableContentEncodingUrlHeader: "true" },
  });
  const { url } = answered(ReportDocument, got, "a settlement report");
  return settlementDocuments(report, await download(url, ask.signal), ask);
}

/**
 * Pure: a report's text as documents, the file reader's own ids and all, apart from who tells the sale: here the order does. A report that
 * cannot be read at all is kept as one document that says why, so that it is seen and holds up nothing else.
 */
export function settlementDocuments(
  report: string,
  text: string,
  { account }: Pick<Ask, "account">,
): readonly RawDocument[] {
  try {
    const options = {
      fileName: report,
      currency: account.currency,
      country: "US",
      timeZone: account.timeZone,
      layout: null,
    };
    const reading = amazonSettlement.read(text.replaceAll("\r\n", "\n"), "utf-8", options);
    if (reading.type !== "channel") throw new ChannelError("unreadable", "a settlement is no statement of a bank");
    const lost = reading.problems.filter(
      ({ code }) => code !== "rate_missing" && code !== "unknown_currency" && code !== "does_not_reconcile",
    );
    const documents = reading.documents.flatMap((document): readonly RawDocument[] => {
      const body = bodyOf(document);
      // What a settlement file says beside itself, of other files that tell the same, holds here too.
      if (!settlementLayouts.some((layout) => layout === body.layout)) return [document];
      const { order: _inThisFile, ...known } = body.known;
      const own = { ...body, known: { ...known, sale: saleElsewhere } };
      return [
        { ...document, feed: "payouts", externalId: `${ownPrefix}${document.externalId}`, body: own },
        silent(document),
      ];
    });
    // Rows that could not be read are said as loudly as a report that could not.
    return lost.length === 0 ? documents : [...documents, broken(report, lost.map(({ message }) => message).join(" "))];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [broken(report, error.message)];
  }
}

/**
 * Stands in the place of the same document of a file that is brought in later, above its version: what the API has told, with the sale told
 * by the order, is not told again by the file.
 */
function silent(document: RawDocument): RawDocument {
  const { layout, currency } = bodyOf(document);
  return fileDocument(document.externalId, "9-told-elsewhere", [], { layout, part: silentPart, currency });
}

const broken = (report: string, why: string): RawDocument => ({
  feed: "payouts",
  externalId: `report/${report}`,
  version: "1",
  body: { report, unreadable: why },
});
