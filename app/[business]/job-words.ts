import type { JobName } from "@/lib/system/jobs";

const words: Readonly<Record<JobName, string>> = {
  syncChannel: "Synchronising a channel",
  digestChannel: "Reading a channel's documents",
  recost: "Working out costs",
  summariseDays: "Summing up days",
  acceptImport: "Bringing in a file",
  previewTakeBack: "Working out what taking back would change",
  takeBack: "Taking back a sync or a file",
  verifyBooks: "Proving the books",
  exportList: "Making a file of a list",
  removeExport: "Taking an old file away",
  dropFile: "Taking a file's bytes away",
  dropFiles: "Taking a business's files away",
  dropRows: "Throwing a business away",
  issueInvoices: "Issuing invoices",
  tellLowStock: "Telling of low stock by mail",
  fetchRates: "Fetching exchange rates",
  loadDemo: "Loading the demo",
};

/** What a job does, for people. */
export function jobWords(job: string): string {
  return Object.hasOwn(words, job) ? words[job as JobName] : job;
}
