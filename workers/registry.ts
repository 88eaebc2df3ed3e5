/** A handler for every job: a job without one does not compile. Loaded when first needed. */
import type { Scope } from "../lib/people/access";
import type { JobName, Payload } from "../lib/system/jobs";

/** What a handler works with. `signal` ends its time, or the worker's; it looks at it wherever it can stop without harm. */
export type Context = Readonly<{ scope: Scope; signal: AbortSignal; attempt: number }>;

/** Why a job does not go on: for good, or until `afterMs` have passed. `isDisconnected`: only a person can sign in again. */
export type Stopped = Readonly<{ message: string; isDisconnected: boolean }>;

export type Handler<Name extends JobName> = Readonly<{
  /** Does the work, from wherever it is. "again": it is not finished and gives way to others. */
  run: (payload: Payload<Name>, context: Context) => Promise<"done" | "again">;
  /** The business was thrown away before it ran: what is left of it outside of the database. */
  gone?: (payload: Payload<Name>) => Promise<void>;
  /** The job is given up: whoever waits for it is told. */
  stopped?: (payload: Payload<Name>, context: Pick<Context, "scope">, why: Stopped) => Promise<void>;
  /** The job has to wait: whoever watches it is told. */
  waits?: (payload: Payload<Name>, context: Pick<Context, "scope">, why: string, afterMs: number) => Promise<void>;
}>;

type Handlers = { readonly [Name in JobName]: () => Promise<Handler<Name>> };

export const handlers: Handlers = {
  syncChannel: async () => (await import("./handlers/sync-channel")).syncChannel,
  digestChannel: async () => (await import("./handlers/digest-channel")).digestChannel,
  recost: async () => (await import("./handlers/recost")).recost,
  summariseDays: async () => (await import("./handlers/summarise-days")).summariseDays,
  acceptImport: async () => (await import("./handlers/accept-import")).acceptImport,
  verifyBooks: async () => (await import("./handlers/verify-books")).verifyBooks,
  takeBack: async () => (await import("./handlers/take-back")).takeBack,
  previewTakeBack: async () => (await import("./handlers/preview-take-back")).previewTakeBack,
  exportList: async () => (await import("./handlers/export-list")).exportList,
  removeExport: async () => (await import("./handlers/remove-export")).removeExport,
  dropFile: async () => (await import("./handlers/drop-file")).dropFile,
  dropFiles: async () => (await import("./handlers/drop-files")).dropFiles,
  dropRows: async () => (await import("./handlers/drop-rows")).dropRows,
  issueInvoices: async () => (await import("./handlers/issue-invoices")).issueInvoices,
  tellLowStock: async () => (await import("./handlers/tell-low-stock")).tellLowStock,
  fetchRates: async () => (await import("./handlers/fetch-rates")).fetchRates,
  loadDemo: async () => (await import("./handlers/load-demo")).loadDemo,
};
