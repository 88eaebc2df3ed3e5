/** The lists that can be taken away, by name. One more is one line here and a description of its rows beside it. */
import type { Scope } from "../people/access";
import { gstList, readGst } from "./gst";
import { ledgerList, readAsked } from "./ledger";
import { readRegister, registerList } from "./registers";
import type { Sheet } from "./sheet";

/** A list that is asked for. `isStill`: do the books say now what they said when it was begun? */
export type List = Readonly<{
  rows: number;
  /** Of the file's name. */
  stem: string;
  sheet: Sheet;
  isStill: () => Promise<boolean>;
}>;

type Report = Readonly<{
  /** Reads what was asked for, from an address or as it was kept, and begins the list. */
  list: (scope: Scope, asked: unknown) => Promise<List>;
}>;

export const reports = {
  ledger: { list: (scope, asked) => ledgerList(scope, readAsked(asked)) },
  gst: { list: (scope, asked) => gstList(scope, readGst(asked)) },
  register: { list: (scope, asked) => registerList(scope, readRegister(asked)) },
} as const satisfies Record<string, Report>;

export type ReportName = keyof typeof reports;
export const isReport = (name: string): name is ReportName => Object.hasOwn(reports, name);
