/**
 * Pulling what Amazon's warehouses hold, and what happened there. A pass has four parts: the snapshot (getInventorySummaries), the inventory
 * ledger, the customers' returns and the removal orders. The last three are reports that are asked for and made in minutes: one that is not
 * ready is left to the next pass, so that nobody waits for it.
 */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Page, RawDocument } from "../connector";
import { download } from "./api";
import { type Ask, answered, dayMs, iso, later, onePage, type Paged, PassCursor } from "./pull-pages";
import { type StockReport, stockDocuments, stockReports } from "./stock-reports";

const Inventory = z.object({
  payload: z.object({
    inventorySummaries: z.array(
      z.looseObject({
        sellerSku: z.string().min(1).max(200),
        lastUpdatedTime: z.iso.datetime({ offset: true }).nullish(),
      }),
    ),
  }),
  pagination: z.object({ nextToken: z.string().min(1).nullish() }).nullish(),
});
/** Amazon knows changes of stock for so long back. */
const stockKnownMs = 500 * dayMs;

/**
 * Where one report's days are: told before `through`; `asked` is one that Amazon is making; so many `days` are asked for at once. `at`: days
 * that take several reports are told before it, null where none are on the way. `refused`: when Amazon did not let us have it.
 */
const Told = z.strictObject({
  through: z.iso.datetime().nullable(),
  days: z.int().min(1),
  asked: z.strictObject({ report: z.string(), to: z.iso.datetime() }).nullable(),
  at: z.iso.datetime().nullable().default(null),
  refused: z.iso.datetime().nullable().default(null),
});
type Told = z.infer<typeof Told>;
/** A report of so many days at once, or of fewer where Amazon could not make it: documents are given fifteen at once, then one a minute. */
const mostDays = 540;
const fewDays = 30;
const untold: Told = { through: null, days: mostDays, asked: null, at: null, refused: null };

/** In the order of a pass. What left the shelves comes before what became of it. */
const reports = ["ledger", "returns", "removals"] as const satisfies readonly StockReport[];
const Cursor = z.strictObject({
  part: z.enum(["counts", ...reports]),
  counts: PassCursor,
  ledger: Told,
  returns: Told,
  // A cursor of before there was this report has none.
  removals: Told.default(untold),
});
type Cursor = z.infer<typeof Cursor>;

/** Amazon's ledger goes back eighteen months. */
const furthestMs = 540 * dayMs;
/** Rows of a day come to the ledger up to some days later. */
const lateMs = 3 * dayMs;
/** A report of removal orders is of the days on which they were placed, and what became of one is told for weeks, at busy times for months. */
const lateBy: Readonly<Record<StockReport, number>> = { ledger: lateMs, returns: lateMs, removals: 180 * dayMs };

/** One page of a pass. */
export async function pullStock(ask: Ask, cursor: string | null): Promise<Page> {
  const at = cursor === null ? beginning : Cursor.parse(JSON.parse(cursor));
  if (at.part === "counts") {
    const page = await onePage(at.counts, (pass) => countsPage(ask, pass));
    const counts = PassCursor.parse(JSON.parse(page.next ?? page.watermark ?? JSON.stringify(at.counts)));
    return {
      documents: page.documents,
      next: JSON.stringify({ ...at, part: page.next === null ? "ledger" : "counts", counts } satisfies Cursor),
      watermark: null,
    };
  }
  const { told, documents, isOver } = await reportPage(ask, at.part, at[at.part]);
  const now: Cursor = { ...at, [at.part]: told };
  if (!isOver) return { documents, next: JSON.stringify(now), watermark: null };
  const part = reports[reports.indexOf(at.part) + 1];
  if (part !== undefined)
    return { documents, next: JSON.stringify({ ...now, part } satisfies Cursor), watermark: null };
  return { documents, next: null, watermark: JSON.stringify({ ...now, part: "counts" } satisfies Cursor) };
}

const beginning: Cursor = {
  part: "counts",
  counts: { from: null, token: null, seen: null },
  ledger: untold,
  returns: untold,
  removals: untold,
};

/** What the warehouses say they hold, by SKU: held against the books, never posted. */
async function countsPage(ask: Ask, at: PassCursor): Promise<Paged | null> {
  const isOld = at.from !== null && Date.parse(at.from) < ask.nowMs() - stockKnownMs;
  const got = await ask.call({
    operation: "getInventorySummaries",
    path: "/fba/inventory/v1/summaries",
    query: {
      details: "true",
      granularityType: "Marketplace",
      granularityId: ask.marketplace.id,
      marketplaceIds: ask.marketplace.id,
      ...(at.from === null || isOld ? {} : { startDateTime: at.from }),
      ...(at.token === null ? {} : { nextToken: at.token }),
    },
  });
  if (got.kind === "bad input" && at.token !== null) return null;
  const { payload, pagination } = answered(Inventory, got, "stock");
  const documents = payload.inventorySummaries.map(
    (body): RawDocument => ({
      feed: "stock",
      externalId: body.sellerSku,
      // What never changed has no time of change.
      version: body.lastUpdatedTime == null ? "1970-01-01T00:00:00.000Z" : new Date(body.lastUpdatedTime).toISOString(),
      body,
    }),
  );
  return { documents, token: pagination?.nextToken ?? null };
}

const Created = z.object({ reportId: z.string().min(1).max(200) });
const Report = z.object({
  processingStatus: z.enum(["CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE"]),
  reportDocumentId: z.string().min(1).nullish(),
});
const ReportDocument = z.object({ url: z.url() });
const path = "/reports/2021-06-30";

type Step = Readonly<{ told: Told; documents: readonly RawDocument[]; isOver: boolean }>;

/** Asks for the next days of a report, or takes what was asked for. `isOver`: there is no more of it in this pass. */
async function reportPage(ask: Ask, kind: StockReport, told: Told): Promise<Step> {
  const page = () => (told.asked === null ? askFor(ask, kind, told) : takeUp(ask, kind, told, told.asked));
  return kind === "removals" ? unlessRefused(ask, told, page) : page();
}

/** The document that says whether Amazon lets us have the removal orders; a later one replaces it. */
const ofRemovals = (nowMs: number, body: Readonly<Record<string, string>>): RawDocument => ({
  feed: "stock",
  externalId: "report/removals",
  version: iso(nowMs),
  body: { report: "removals", ...body },
});

/**
 * Stock is right without the removal orders but for what they did away with: where Amazon does not let us have them, the rest goes on, the
 * channel's page says so, and they are asked for again the next day. A permission that ended as a whole is found by the calls before.
 */
async function unlessRefused(ask: Ask, told: Told, page: () => Promise<Step>): Promise<Step> {
  const nowMs = ask.nowMs();
  if (told.refused !== null && Date.parse(told.refused) > nowMs - dayMs) return { told, documents: [], isOver: true };
  try {
    const step = await page();
    if (told.refused === null) return step;
    return {
      ...step,
      told: { ...step.told, refused: null },
      documents: [...step.documents, ofRemovals(nowMs, {})],
    };
  } catch (error) {
    if (!(error instanceof ChannelError) || (error.failure !== "disconnected" && error.failure !== "refused"))
      throw error;
    const unreadable = `${error.message}. What was disposed of stays on its way back until a person removes it; all else of the stock is synced`;
    return {
      told: { ...told, asked: null, refused: iso(nowMs) },
      documents: [ofRemovals(nowMs, { unreadable })],
      isOver: true,
    };
  }
}

/** Whole days only, up to the last one that is over: so that a row is the same row in each report that has it. */
async function askFor(ask: Ask, kind: StockReport, told: Told): Promise<Step> {
  const today = Math.floor(ask.nowMs() / dayMs) * dayMs;
  if (told.through !== null && Date.parse(told.through) >= today) return { told, documents: [], isOver: true };
  const earliest = Math.floor((ask.nowMs() - furthestMs) / dayMs) * dayMs;
  const since = ask.since === null ? earliest : Math.floor(Date.parse(ask.since) / dayMs) * dayMs;
  const before = told.at === null ? { day: told.through, backMs: lateBy[kind] } : { day: told.at, backMs: lateMs };
  const from = Math.max(earliest, since, before.day === null ? 0 : Date.parse(before.day) - before.backMs);
  const to = Math.min(today, from + told.days * dayMs);
  if (from >= to) return { told, documents: [], isOver: true };
  const got = await ask.call({
    operation: "createReport",
    path: `${path}/reports`,
    query: {},
    body: {
      reportType: stockReports[kind],
      marketplaceIds: [ask.marketplace.id],
      dataStartTime: iso(from),
      dataEndTime: iso(to),
    },
  });
  const { reportId } = answered(Created, got, "a report of stock");
  return { told: { ...told, asked: { report: reportId, to: iso(to) } }, documents: [], isOver: false };
}

async function takeUp(ask: Ask, kind: StockReport, told: Told, asked: NonNullable<Told["asked"]>): Promise<Step> {
  const got = await ask.call({
    operation: "getReport",
    path: `${path}/reports/${encodeURIComponent(asked.report)}`,
    query: {},
  });
  // A report that Amazon knows no more of is asked for anew in the next pass.
  if (got.kind === "bad input") return { told: { ...told, asked: null }, documents: [], isOver: true };
  const { processingStatus, reportDocumentId } = answered(Report, got, "a report of stock");
  const isAll = Date.parse(asked.to) > ask.nowMs() - dayMs;
  const done: Told = { ...told, through: later(told.through, asked.to), asked: null, at: isAll ? null : asked.to };
  switch (processingStatus) {
    case "IN_QUEUE":
    case "IN_PROGRESS":
      return { told, documents: [], isOver: true };
    case "FATAL":
      return { told: { ...told, days: fewDays, asked: null }, documents: [], isOver: true };
    case "CANCELLED":
      // So Amazon ends a report of days on which there was nothing.
      return { told: done, documents: [], isOver: false };
    case "DONE":
      return {
        told: done,
        documents: reportDocumentId == null ? [] : await documentsOf(ask, kind, asked.report, reportDocumentId),
        isOver: false,
      };
  }
}

async function documentsOf(
  ask: Ask,
  kind: StockReport,
  report: string,
  document: string,
): Promise<readonly RawDocument[]> {
  const got = await ask.call({
    operation: "getReportDocument",
    path: `${path}/documents/${encodeURIComponent(document)}`,
    query: { enableContentEncodingUrlHeader: "true" },
  });
  const { url } = answered(ReportDocument, got, "a report of stock");
  return stockDocuments(kind, report, await download(url, ask.signal));
}
