/**
 * The portal's file: its shapes against real ones. Those lie outside the project (FIXTURES_DIR, by default ../shared/fixtures); without
 * them those tests are skipped and say so, and the file of our own in the same shapes remains.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gstr1Of, issuedOf, totalOf } from "../../../lib/core/gst/gstr1";
import { Decimal, jsonText } from "../../../lib/core/gst/json";
import { portalDay, portalFile, portalPeriod, taxesOf, withoutHsn } from "../../../lib/core/gst/portal";
import { april, buyer, document, interLine, line, seller, someDocuments } from "./shapes";

const fixture = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures", "india/gstr1_government_json_sections.json");
const isAbsent = !existsSync(fixture);
if (isAbsent) console.warn(`skipped: no fixtures at ${fixture} (set FIXTURES_DIR)`);

const large = interLine({ taxable: 100_000_00n, igst: 18_000_00n });
const of = { number: "INV-0", on: "2026-03-01", value: 118_000_00n };
const nil = line({ nature: "nil", rate: 0n, cgst: 0n, sgst: 0n });
/** One document of every table. */
const everything = [
  document({
    id: "b2b",
    number: "INV-1",
    buyer,
    pos: "29",
    lines: [interLine(), interLine({ rate: 500n, igst: 5_00n })],
  }),
  document({ id: "b2cl", number: "INV-2", pos: "29", lines: [large] }),
  document({ id: "b2cs", number: "INV-3", lines: [line(), nil], operator: { gstin: buyer, pays: false } }),
  document({
    id: "exp",
    number: "INV-4",
    pos: "96",
    supply: "export_with",
    lines: [interLine()],
    port: { code: "INBOM4", bill: "7896542", on: "2026-04-11" },
  }),
  document({ id: "cdnr", number: "CN-1", kind: "credit_note", buyer, pos: "29", lines: [interLine()], of }),
  document({ id: "cdnur", number: "CN-2", kind: "credit_note", pos: "29", lines: [interLine()], of }),
];
const issued = issuedOf(
  everything.map(({ kind, number }, at) => ({ kind, series: kind, nth: BigInt(at + 1), number, isCancelled: false })),
);
const fileOf = (documents: typeof everything) =>
  portalFile(gstr1Of(seller, april, documents), issued, { before: 5_00n, current: 10_50n });

type Tree = { [key: string]: Tree } & Iterable<Tree>;
/** Every way to a key, lists left out: `inv.itms.itm_det.rt`. */
function keysOf(value: unknown, at = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysOf(one, at));
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([key, one]) => keysOf(one, at === "" ? key : `${at}.${key}`));
}

describe("the portal's file", () => {
  const file = JSON.parse(fileOf(everything)) as Tree;

  it("has its head, and every table that has rows", () => {
    expect(file).toMatchObject({ gstin: seller, fp: "042026", gt: 5, cur_gt: 10.5 });
    expect(Object.keys(file).slice(6)).toEqual([
      "b2b",
      "b2cl",
      "b2cs",
      "cdnr",
      "cdnur",
      "exp",
      "nil",
      "hsn",
      "doc_issue",
      "supeco",
    ]);
    expect(Object.keys(JSON.parse(fileOf([])) as Tree)).not.toContain("b2b");
  });

  it("says an invoice as the portal does", () => {
    expect(file.b2b).toEqual([
      {
        ctin: buyer,
        inv: [
          {
            inum: "INV-1",
            idt: "10-04-2026",
            val: 223,
            pos: "29",
            rchrg: "N",
            inv_typ: "R",
            itms: [
              { num: 1, itm_det: { rt: 5, txval: 100, iamt: 5, camt: 0, samt: 0, csamt: 0 } },
              { num: 2, itm_det: { rt: 18, txval: 100, iamt: 18, camt: 0, samt: 0, csamt: 0 } },
            ],
          },
        ],
      },
    ]);
  });

  it.skipIf(isAbsent).each([
    ["b2b", "b2b", ["inv.diff_percent"]],
    ["b2cl", "b2cl", ["inv.diff_percent"]],
    ["exp", "exports", []],
    ["b2cs", "b2cs", ["diff_percent"]],
    ["nil", "nilrated", []],
    ["cdnr", "cdnr", ["nt.diff_percent"]],
    ["cdnur", "cdnur", ["diff_percent"]],
    ["doc_issue", "doc_issue", []],
    // Real samples of other periods call the table supecom and fill both parts.
    ["supeco", "supecom", ["paytx.etin", "paytx.suppval", "paytx.igst", "paytx.cgst", "paytx.sgst", "paytx.cess"]],
  ])(
    "%s has exactly the keys of real files, but for a reduced rate of tax, which we do not have",
    (ours, theirs, not) => {
      const real = JSON.parse(readFileSync(fixture, "utf8")) as Tree;
      const distinct = (keys: readonly string[]) => [...new Set(keys)].sort();
      expect(distinct(keysOf(file[ours]))).toEqual(distinct(keysOf(real[theirs])).filter((key) => !not.includes(key)));
    },
  );

  it.skipIf(isAbsent)("table 12 has the keys of real files in both of its parts, and the two halves of the tax", () => {
    const real = JSON.parse(readFileSync(fixture, "utf8")) as Tree;
    for (const part of ["hsn_b2b", "hsn_b2c"]) {
      const ours = keysOf(file.hsn?.[part]);
      for (const key of keysOf(real.hsnsum?.data)) expect(ours).toContain(key);
    }
  });

  it("adds up, read back, to the return: whatever the documents are", () => {
    fc.assert(
      fc.property(someDocuments, (documents) => {
        const gstr1 = gstr1Of(seller, april, documents);
        const back = JSON.parse(portalFile(gstr1, [], { before: 0n, current: 0n })) as Record<string, unknown>;
        let [value, tax] = [0, 0];
        const add = (one: unknown, sign: number): void => {
          if (Array.isArray(one)) for (const each of one) add(each, sign);
          else if (typeof one === "object" && one !== null) {
            const row = one as Record<string, unknown>;
            const way = row.ntty === "C" ? -1 : sign;
            if (typeof row.txval === "number") {
              value += way * Math.round(row.txval * 100);
              for (const part of ["iamt", "camt", "samt"])
                tax += way * Math.round(((row[part] as number | undefined) ?? 0) * 100);
            }
            for (const each of Object.values(row)) add(each, way);
          }
        };
        for (const table of ["b2b", "b2cl", "b2cs", "cdnr", "cdnur", "exp"]) add(back[table], 1);
        const total = totalOf(gstr1);
        expect(BigInt(value)).toBe(total.taxable);
        expect(BigInt(tax)).toBe(total.igst + total.cgst + total.sgst);
      }),
    );
  });

  it("names documents whose lines have no code, and what a document's taxes are", () => {
    const gstr1 = gstr1Of(seller, april, [
      document({ id: "a", buyer, lines: [line({ hsn: "" })] }),
      document({ id: "b" }),
    ]);
    expect(withoutHsn(gstr1)).toEqual(["a"]);
    expect(gstr1.b2b.map(taxesOf)).toEqual([{ taxable: 100_00n, igst: 0n, cgst: 9_00n, sgst: 9_00n, cess: 0n }]);
  });
});

describe("its words", () => {
  it("are days, periods and exact numbers", () => {
    expect(portalDay("2026-04-09")).toBe("09-04-2026");
    expect(portalPeriod({ to: "2026-06-30" })).toBe("062026");
    expect([0n, 5n, -5n, 100n, 12_345n, -12_340n].map((units) => new Decimal(units).toString())).toEqual([
      "0",
      "0.05",
      "-0.05",
      "1",
      "123.45",
      "-123.4",
    ]);
    expect(jsonText({ a: ["x\n", new Decimal(9_007_199_254_740_993n, 0)] })).toBe('{"a":["x\\n",9007199254740993]}');
  });
});
