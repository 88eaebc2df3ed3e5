/** All jobs, on one screen: name, queue, payload (ids and what a person chose, never what decides), key, attempts, time-out. Handlers are in workers/handlers. */
import { z } from "zod";

type Definition<P extends z.ZodType> = Readonly<{
  /** Which worker pool takes it: `channels` waits for others' servers, `books` for our own database, `files` for long reads and writes. */
  queue: "channels" | "books" | "files";
  payload: P;
  /** Two waiting jobs with one key are one job. */
  key: (payload: z.infer<P>) => string;
  attempts: number;
  timeoutMs: number;
}>;
function job<P extends z.ZodType>(definition: Definition<P>): Definition<P> {
  return definition;
}

const OfBusiness = z.strictObject({ business: z.uuid() });

export const jobs = {
  /** Pulls and reads one channel, all its feeds in order, resuming where it was. */
  syncChannel: job({
    queue: "channels",
    payload: z.strictObject({ business: z.uuid(), channel: z.string().min(1).max(200), run: z.uuid() }),
    key: (p) => `${p.business}-${p.channel}`,
    attempts: 10,
    timeoutMs: 600_000,
  }),
  /** Reads the stored documents of a channel that are not read yet (a mapping was mended, a file was accepted). */
  digestChannel: job({
    queue: "books",
    payload: z.strictObject({ business: z.uuid(), channel: z.string().min(1).max(200), run: z.uuid() }),
    key: (p) => `${p.business}-${p.channel}`,
    attempts: 10,
    timeoutMs: 600_000,
  }),
  /** Brings costs in line with the facts; what to recost is in the dirty marks. */
  recost: job({ queue: "books", payload: OfBusiness, key: (p) => p.business, attempts: 5, timeoutMs: 600_000 }),
  /** Sums days anew of which something changed, for the pages that read the sums. */
  summariseDays: job({ queue: "books", payload: OfBusiness, key: (p) => p.business, attempts: 5, timeoutMs: 600_000 }),
  /** Accepts a previewed file: its rows become transactions or documents. */
  acceptImport: job({
    queue: "files",
    payload: z.strictObject({ business: z.uuid(), import: z.uuid(), run: z.uuid() }),
    // One that was stopped before it began may wait still when the same file is accepted again.
    key: (p) => p.run,
    attempts: 5,
    timeoutMs: 600_000,
  }),
  /** Takes back all that a sync or a file brought: all of it or nothing. `user` is who asked for it. */
  takeBack: job({
    queue: "books",
    payload: z.strictObject({
      business: z.uuid(),
      of: z.enum(["sync", "import"]),
      id: z.uuid(),
      user: z.uuid().nullable(),
      run: z.uuid(),
    }),
    // One that was stopped before it began may wait still when the same is asked for again.
    key: (p) => p.run,
    attempts: 5,
    timeoutMs: 600_000,
  }),
  /** Rehearses the same and rolls it back: what it would move stands in the run's note. */
  previewTakeBack: job({
    queue: "books",
    payload: z.strictObject({ business: z.uuid(), of: z.enum(["sync", "import"]), id: z.uuid(), run: z.uuid() }),
    key: (p) => p.run,
    attempts: 2,
    timeoutMs: 600_000,
  }),
  /** Proves the books and keeps the result. */
  verifyBooks: job({ queue: "books", payload: OfBusiness, key: (p) => p.business, attempts: 2, timeoutMs: 600_000 }),
  /** Makes the file of a long list that a person asked for. */
  exportList: job({
    queue: "files",
    payload: z.strictObject({ business: z.uuid(), run: z.uuid() }),
    key: (p) => p.run,
    attempts: 3,
    timeoutMs: 3_600_000,
  }),
  /** Takes such a file away when its time is over. */
  removeExport: job({
    queue: "files",
    payload: z.strictObject({ business: z.uuid(), run: z.uuid() }),
    key: (p) => p.run,
    attempts: 5,
    timeoutMs: 60_000,
  }),
  /** Takes the bytes of a file beside a document away where it is no longer there, or never came in whole. */
  dropFile: job({
    queue: "files",
    payload: z.strictObject({ business: z.uuid(), file: z.uuid() }),
    key: (p) => p.file,
    attempts: 10,
    timeoutMs: 120_000,
  }),
  /** Takes all such bytes of a business away that was thrown away. */
  dropFiles: job({ queue: "files", payload: OfBusiness, key: (p) => p.business, attempts: 10, timeoutMs: 600_000 }),
  /** Takes the rows of a large business away that was thrown away. */
  dropRows: job({ queue: "files", payload: OfBusiness, key: (p) => p.business, attempts: 10, timeoutMs: 3_600_000 }),
  /** Issues the invoices of all orders of some days that have none. `user` is who asked for it. */
  issueInvoices: job({
    queue: "books",
    payload: z.strictObject({
      business: z.uuid(),
      run: z.uuid(),
      user: z.uuid(),
      from: z.iso.date(),
      to: z.iso.date(),
      channel: z.string().min(1).max(200).nullable(),
    }),
    key: (p) => p.run,
    attempts: 5,
    timeoutMs: 3_600_000,
  }),
  /** Mails what fell below its minimum since it last looked, and asks for itself again. */
  tellLowStock: job({ queue: "books", payload: OfBusiness, key: (p) => p.business, attempts: 5, timeoutMs: 60_000 }),
  /** Asks the provider of exchange rates, where one is set, and asks for itself again. */
  fetchRates: job({ queue: "channels", payload: OfBusiness, key: (p) => p.business, attempts: 10, timeoutMs: 120_000 }),
  /** Loads the demo into a business of its own, or throws it away. */
  loadDemo: job({
    queue: "files",
    payload: z.strictObject({ business: z.uuid(), run: z.uuid() }),
    key: (p) => p.business,
    attempts: 3,
    timeoutMs: 600_000,
  }),
} as const;

/**
 * How many jobs of one business may be under way in each queue at once, however many workers there are: the rest waits in the outbox.
 * Two of one business in `books` or `files` would only wait for each other's lock.
 */
export const share = { channels: 3, books: 1, files: 1 } as const;

export type JobName = keyof typeof jobs;
export type Payload<Name extends JobName> = z.infer<(typeof jobs)[Name]["payload"]>;
