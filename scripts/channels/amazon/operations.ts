/** The operations that a bookkeeper needs, and the balance for those who check, as Amazon's models describe them. */
import { z } from "zod";
import { type Answer, type FaultBox, json, type LocalRequest } from "../kit";
import type { Documents } from "./documents";
import { settlementText } from "./report";
import { type Place, saidOrder, saidStock, saidTransaction } from "./said";
import type { Shop } from "./shop";
import { ledgerText, removalsText, returnsText } from "./warehouse";

export const limits: Readonly<Record<string, readonly [perSecond: number, burst: number]>> = {
  searchOrders: [0.0056, 20],
  listTransactions: [0.5, 10],
  listBalances: [0.5, 10],
  getReports: [0.0222, 10],
  createReport: [0.0167, 15],
  getReport: [2, 15],
  getReportDocument: [0.0167, 15],
  getInventorySummaries: [2, 2],
};

export function operationOf({ method, url }: LocalRequest): string | null {
  const path = url.pathname;
  if (method === "POST" && path === "/reports/2021-06-30/reports") return "createReport";
  if (method !== "GET") return null;
  if (path === "/orders/2026-01-01/orders") return "searchOrders";
  if (path === "/finances/2024-06-19/transactions") return "listTransactions";
  if (path === "/finances/2024-06-19/balances") return "listBalances";
  if (path === "/reports/2021-06-30/reports") return "getReports";
  if (/^\/reports\/2021-06-30\/reports\/[^/]+$/.test(path)) return "getReport";
  if (/^\/reports\/2021-06-30\/documents\/[^/]+$/.test(path)) return "getReportDocument";
  return path === "/fba/inventory/v1/summaries" ? "getInventorySummaries" : null;
}

export const failed = (status: number, code: string, message: string, details = ""): Answer =>
  json(status, { errors: [{ code, message, details }] });
const wrong = (message: string) => failed(400, "InvalidInput", message);

/** A report that was asked for: what it is of, and when. */
export type AskedReport = Readonly<{ type: string; fromMs: number; toMs: number; askedMs: number }>;

type Behind = Readonly<{
  shop: Shop;
  /** By their ids. */
  asked: Map<string, AskedReport>;
  /** So long it takes to make a report. */
  reportMs: number;
  /** Types of reports that the application has no role for. */
  denied: () => readonly string[];
  place: Place;
  faults: FaultBox;
  documents: Documents;
  /** The most that a page holds, where Amazon would give more. */
  pageSize: number;
  clock: () => number;
}>;

/** A page of a list by a token that says where it begins and what it is a page of. */
function paged<T>(
  all: readonly T[],
  token: string | null,
  size: number,
  what: string,
  faults: FaultBox,
): Readonly<{ items: readonly T[]; next: string | null }> | null {
  let from = 0;
  if (token !== null) {
    const [kind, place] = Buffer.from(token, "base64url").toString("utf8").split("\n");
    if (kind !== what || !/^\d+$/.test(place ?? "")) return null;
    from = Number(place);
    if (from > 0 && faults.strikes("repeat")) from -= 1;
  }
  const end = from + size;
  const next = end < all.length ? Buffer.from(`${what}\n${end}`, "utf8").toString("base64url") : null;
  return { items: all.slice(from, end), next };
}

const timeOf = (query: URLSearchParams, name: string): number | null => {
  const text = query.get(name);
  return text === null ? null : Date.parse(text);
};

export async function answerTo(operation: string, request: LocalRequest, behind: Behind): Promise<Answer> {
  const { url } = request;
  const query = url.searchParams;
  switch (operation) {
    case "searchOrders":
      return orders(query, behind);
    case "listTransactions":
      return transactions(query, behind);
    case "listBalances": {
      const { shop, place } = behind;
      const cents = shop.owed();
      return json(200, {
        balances: [{ balanceType: "TOTAL", amount: { currencyCode: place.currency, currencyAmount: cents / 100 } }],
      });
    }
    case "getReports":
      return reports(query, behind);
    case "createReport":
      return askReport(request, behind);
    case "getReport":
      return askedReport(url, behind);
    case "getReportDocument":
      return reportDocument(url, behind);
    default:
      return stock(query, behind);
  }
}

function orders(query: URLSearchParams, { shop, place, faults, pageSize, clock }: Behind): Answer {
  const [after, created] = [timeOf(query, "lastUpdatedAfter"), timeOf(query, "createdAfter")];
  if ((after === null) === (created === null))
    return wrong("Provide exactly one of createdAfter and lastUpdatedAfter.");
  const marketplaces = query.get("marketplaceIds")?.split(",") ?? [place.marketplaceId];
  const found = marketplaces.includes(place.marketplaceId)
    ? shop
        .orders()
        .filter((order) => (after === null ? order.createdMs >= (created ?? 0) : order.updatedMs >= after))
        .sort((a, b) => a.updatedMs - b.updatedMs || (a.id < b.id ? -1 : 1))
    : [];
  const size = Math.min(Number(query.get("maxResultsPerPage") ?? "100"), pageSize);
  const page = paged(found, query.get("paginationToken"), size, "orders", faults);
  if (page === null) return wrong("The pagination token is invalid or has expired.");
  const included = query.get("includedData")?.split(",") ?? [];
  const answer = json(200, {
    orders: page.items.map((order) => saidOrder(order, place, included)),
    ...(page.next === null ? {} : { pagination: { nextToken: page.next } }),
    lastUpdatedBefore: new Date(clock()).toISOString(),
  });
  const last = found.at(-1);
  if (page.next !== null && last !== undefined && faults.strikes("shift")) {
    // An order that was not given yet moves to the end, and another comes behind it.
    shop.touch(last.id, clock());
    shop.sell(clock());
  }
  return answer;
}

function transactions(query: URLSearchParams, { shop, place, faults, pageSize }: Behind): Answer {
  const after = timeOf(query, "postedAfter");
  if (after === null) return wrong("postedAfter is required.");
  const before = timeOf(query, "postedBefore") ?? Number.POSITIVE_INFINITY;
  const status = query.get("transactionStatus");
  const market = query.get("marketplaceId") ?? place.marketplaceId;
  const found = [...shop.posted()]
    .sort((a, b) => a.postedMs - b.postedMs)
    .filter(
      (one) =>
        market === place.marketplaceId &&
        one.postedMs >= after &&
        one.postedMs < before &&
        (status === null || status === (one.isDeferred ? "DEFERRED" : "RELEASED")),
    );
  const page = paged(found, query.get("nextToken"), pageSize, "transactions", faults);
  if (page === null) return wrong("The next token is invalid.");
  const settledIn = (posted: (typeof found)[number]) =>
    posted.isDeferred
      ? null
      : (shop.settlements().find(({ startMs, endMs }) => posted.postedMs >= startMs && posted.postedMs < endMs)?.id ??
        null);
  return json(200, {
    payload: {
      transactions: page.items.map((one) => saidTransaction(one, place, settledIn(one))),
      ...(page.next === null ? {} : { nextToken: page.next }),
    },
  });
}

const reportType = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";

function reports(query: URLSearchParams, { shop, place, faults }: Behind): Answer {
  const token = query.get("nextToken");
  if (token !== null && [...query.keys()].length > 1) return wrong("nextToken must be the only parameter.");
  if (token === null && query.get("reportTypes") === null) return wrong("Either reportTypes or nextToken is required.");
  const since = timeOf(query, "createdSince") ?? 0;
  const isAsked = token !== null || (query.get("reportTypes") ?? "").split(",").includes(reportType);
  const found = isAsked ? shop.settlements().filter(({ endMs }) => endMs >= since) : [];
  const page = paged([...found].reverse(), token, Number(query.get("pageSize") ?? "10"), "reports", faults);
  if (page === null) return wrong("The next token is invalid.");
  return json(200, {
    reports: page.items.map(({ report, startMs, endMs }) => ({
      reportId: report,
      reportType,
      marketplaceIds: [place.marketplaceId],
      dataStartTime: new Date(startMs).toISOString(),
      dataEndTime: new Date(endMs).toISOString(),
      createdTime: new Date(endMs + 1).toISOString(),
      processingStatus: "DONE",
      reportDocumentId: `amzn1.spdoc.1.4.na.${report}`,
    })),
    ...(page.next === null ? {} : { nextToken: page.next }),
  });
}

const reportTypes = {
  ledger: "GET_LEDGER_DETAIL_VIEW_DATA",
  returns: "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA",
  removals: "GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA",
} as const;

const Specification = z.object({
  reportType: z.enum(reportTypes),
  marketplaceIds: z.array(z.string()).min(1),
  dataStartTime: z.iso.datetime(),
  dataEndTime: z.iso.datetime(),
});

function askReport({ body }: LocalRequest, { asked, clock, denied }: Behind): Answer {
  const parsed = Specification.safeParse(JSON.parse(body.toString("utf8")));
  if (!parsed.success) return wrong("The report type is not one that can be asked for here.");
  const { reportType, dataStartTime, dataEndTime } = parsed.data;
  if (denied().includes(reportType)) return failed(403, "Unauthorized", "Access to requested resource is denied.");
  const id = String(77_000_000_000 + asked.size);
  asked.set(id, {
    type: reportType,
    fromMs: Date.parse(dataStartTime),
    toMs: Date.parse(dataEndTime),
    askedMs: clock(),
  });
  return json(202, { reportId: id });
}

const askedDocument = "amzn1.spdoc.1.4.na.asked.";

function askedReport(url: URL, { asked, place, clock, reportMs }: Behind): Answer {
  const id = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
  const report = asked.get(id);
  if (report === undefined) return wrong("There is no such report.");
  const isDone = clock() >= report.askedMs + reportMs;
  return json(200, {
    reportId: id,
    reportType: report.type,
    marketplaceIds: [place.marketplaceId],
    dataStartTime: new Date(report.fromMs).toISOString(),
    dataEndTime: new Date(report.toMs).toISOString(),
    createdTime: new Date(report.askedMs).toISOString(),
    processingStatus: isDone ? "DONE" : "IN_QUEUE",
    ...(isDone ? { reportDocumentId: `${askedDocument}${id}` } : {}),
  });
}

function reportDocument(url: URL, { shop, place, documents, asked, clock }: Behind): Answer {
  const id = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
  const report = id.startsWith(askedDocument) ? asked.get(id.slice(askedDocument.length)) : undefined;
  if (report !== undefined) {
    const text =
      report.type === reportTypes.ledger
        ? ledgerText(shop.ledger(clock()), shop.products, report)
        : report.type === reportTypes.returns
          ? returnsText(shop.returns(clock()), shop.products, report)
          : removalsText(shop.removals(), shop.products, place, { ...report, nowMs: clock() });
    return json(200, { reportDocumentId: id, url: documents.address(text, { isPacked: false, isTold: false }) });
  }
  const at = shop.settlements().findIndex(({ report }) => id === `amzn1.spdoc.1.4.na.${report}`);
  const settlement = shop.settlements()[at];
  if (settlement === undefined) return failed(404, "NotFound", "There is no such report document.");
  // Some come packed, as Amazon chooses.
  const isPacked = at % 2 === 0;
  const isTold = url.searchParams.get("enableContentEncodingUrlHeader") === "true";
  const told = { currency: place.currency, carried: shop.carried(settlement) };
  const text = settlementText(settlement, shop.within(settlement), told);
  return json(200, {
    reportDocumentId: id,
    url: documents.address(text, { isPacked, isTold }),
    ...(isPacked ? { compressionAlgorithm: "GZIP" } : {}),
  });
}

function stock(query: URLSearchParams, { shop, place, faults, pageSize, clock }: Behind): Answer {
  if (query.get("granularityType") !== "Marketplace" || query.get("marketplaceIds") !== query.get("granularityId"))
    return wrong("granularityType, granularityId and marketplaceIds are required.");
  const since = timeOf(query, "startDateTime") ?? 0;
  const known = shop.products
    .map((product) => ({ product, left: shop.stock(product.sku, clock()) }))
    .filter(({ left }) => left.changedMs >= since);
  const page = paged(known, query.get("nextToken"), Math.min(50, pageSize), "stock", faults);
  if (page === null) return wrong("The next token has expired.");
  return json(200, {
    payload: {
      granularity: { granularityType: "Marketplace", granularityId: place.marketplaceId },
      inventorySummaries: page.items.map(({ product, left }) => saidStock(product, left)),
    },
    ...(page.next === null ? {} : { pagination: { nextToken: page.next } }),
  });
}
