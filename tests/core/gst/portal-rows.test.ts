/**
 * Every section of the portal's file, written out whole: each key and each value of each kind of row. The keys and letters are those of the
 * GSTR-1 file that the portal publishes; amounts differ from each other everywhere, so that no two can change places unseen. (By law the two
 * halves of a tax are equal; some here are a paisa or more apart for that reason only.)
 */
import { describe, expect, it } from "vitest";
import type { GstDocument } from "../../../lib/core/gst/document";
import { type DocumentsIssued, gstr1Of } from "../../../lib/core/gst/gstr1";
import { portalFile } from "../../../lib/core/gst/portal";
import { april, buyer, document, interLine, line, neighbour, seller } from "./shapes";

type Period = Readonly<{ from: string; to: string }>;
type Sections = Readonly<Record<string, unknown>>;

/** The file, read back as the portal would read it. */
function fileOf(
  documents: readonly GstDocument[],
  issued: readonly DocumentsIssued[] = [],
  period: Period = april,
): Sections {
  const numbered = documents.map((one, at) => ({ ...one, id: `d${at}` }));
  return JSON.parse(
    portalFile(gstr1Of(seller, period, numbered), issued, { before: 9_876_543_21n, current: 1_234_50n }),
  ) as Sections;
}

const inDelhi = "07AABCL1234M1Z6";
/** An invoice between states that is above every threshold. */
const large = { number: "L/0", on: "2026-03-02", value: 300_000_00n };

describe("the head of the file", () => {
  it("says whose return of which period it is; a return without rows has nothing else", () => {
    expect(fileOf([])).toEqual({
      gstin: "27AAPFU0939F1ZV",
      fp: "042026",
      gt: 9876543.21,
      cur_gt: 1234.5,
      version: "GST3.2.1",
      hash: "hash",
    });
  });
});

describe("invoices to registered buyers (b2b)", () => {
  it("stand under each buyer's number, numbers rising, with the letters of their kind of supply", () => {
    const file = fileOf([
      document({
        number: "A/1",
        on: "2026-04-03",
        buyer: neighbour,
        isReverseCharge: true,
        lines: [line({ taxable: 1_234_56n, cgst: 111_11n, sgst: 111_12n, cess: 7_89n })],
      }),
      document({
        number: "A/2",
        on: "2026-04-30",
        buyer: neighbour,
        supply: "deemed",
        lines: [
          line({ taxable: 200_50n, rate: 500n, cgst: 5_01n, sgst: 5_02n }),
          line({ taxable: 400_00n, rate: 25n, cgst: 50n, sgst: 51n }),
        ],
      }),
      document({
        number: "A/3",
        buyer,
        pos: "29",
        supply: "sez_with",
        lines: [interLine({ taxable: 1_000_00n, rate: 1_200n, igst: 120_00n })],
      }),
      document({
        number: "A/4",
        buyer: inDelhi,
        pos: "07",
        supply: "sez_without",
        lines: [interLine({ taxable: 310_10n, igst: 0n })],
      }),
      document({
        number: "A/5",
        buyer: inDelhi,
        pos: "06",
        lines: [interLine({ taxable: 50_00n, rate: 300n, igst: 1_50n })],
      }),
    ]);
    expect(file.b2b).toEqual([
      {
        ctin: "07AABCL1234M1Z6",
        inv: [
          {
            inum: "A/4",
            idt: "10-04-2026",
            val: 310.1,
            pos: "07",
            rchrg: "N",
            inv_typ: "SEWOP",
            itms: [{ num: 1, itm_det: { rt: 18, txval: 310.1, iamt: 0, camt: 0, samt: 0, csamt: 0 } }],
          },
          {
            inum: "A/5",
            idt: "10-04-2026",
            val: 51.5,
            pos: "06",
            rchrg: "N",
            inv_typ: "R",
            itms: [{ num: 1, itm_det: { rt: 3, txval: 50, iamt: 1.5, camt: 0, samt: 0, csamt: 0 } }],
          },
        ],
      },
      {
        ctin: "27AAACC1206D1Z7",
        inv: [
          {
            inum: "A/1",
            idt: "03-04-2026",
            val: 1464.68,
            pos: "27",
            rchrg: "Y",
            inv_typ: "R",
            itms: [{ num: 1, itm_det: { rt: 18, txval: 1234.56, iamt: 0, camt: 111.11, samt: 111.12, csamt: 7.89 } }],
          },
          {
            inum: "A/2",
            idt: "30-04-2026",
            val: 611.54,
            pos: "27",
            rchrg: "N",
            inv_typ: "DE",
            itms: [
              { num: 1, itm_det: { rt: 0.25, txval: 400, iamt: 0, camt: 0.5, samt: 0.51, csamt: 0 } },
              { num: 2, itm_det: { rt: 5, txval: 200.5, iamt: 0, camt: 5.01, samt: 5.02, csamt: 0 } },
            ],
          },
        ],
      },
      {
        ctin: "29AAGCB7383J1Z4",
        inv: [
          {
            inum: "A/3",
            idt: "10-04-2026",
            val: 1120,
            pos: "29",
            rchrg: "N",
            inv_typ: "SEWP",
            itms: [{ num: 1, itm_det: { rt: 12, txval: 1000, iamt: 120, camt: 0, samt: 0, csamt: 0 } }],
          },
        ],
      },
    ]);
  });
});

describe("large invoices to other buyers (b2cl)", () => {
  it("stand under each place of supply, places rising, with integrated tax only", () => {
    const file = fileOf([
      document({
        number: "L/1",
        pos: "29",
        lines: [
          interLine({ taxable: 200_000_00n, igst: 36_000_00n, cess: 12_50n }),
          interLine({ taxable: 10_00n, rate: 500n, igst: 50n }),
        ],
      }),
      document({
        number: "L/2",
        on: "2026-04-12",
        pos: "33",
        lines: [interLine({ taxable: 150_000_00n, rate: 500n, igst: 7_500_00n })],
      }),
      document({
        number: "L/3",
        pos: "07",
        lines: [interLine({ taxable: 100_000_01n, rate: 4_000n, igst: 40_000_00n })],
      }),
      document({ number: "L/4", pos: "29", lines: [interLine({ taxable: 99_000_00n, igst: 17_820_00n })] }),
    ]);
    expect(file.b2cl).toEqual([
      {
        pos: "07",
        inv: [
          {
            inum: "L/3",
            idt: "10-04-2026",
            val: 140000.01,
            itms: [{ num: 1, itm_det: { rt: 40, txval: 100000.01, iamt: 40000, csamt: 0 } }],
          },
        ],
      },
      {
        pos: "29",
        inv: [
          {
            inum: "L/1",
            idt: "10-04-2026",
            val: 236023,
            itms: [
              { num: 1, itm_det: { rt: 5, txval: 10, iamt: 0.5, csamt: 0 } },
              { num: 2, itm_det: { rt: 18, txval: 200000, iamt: 36000, csamt: 12.5 } },
            ],
          },
          {
            inum: "L/4",
            idt: "10-04-2026",
            val: 116820,
            itms: [{ num: 1, itm_det: { rt: 18, txval: 99000, iamt: 17820, csamt: 0 } }],
          },
        ],
      },
      {
        pos: "33",
        inv: [
          {
            inum: "L/2",
            idt: "12-04-2026",
            val: 157500,
            itms: [{ num: 1, itm_det: { rt: 5, txval: 150000, iamt: 7500, csamt: 0 } }],
          },
        ],
      },
    ]);
    expect(file).not.toHaveProperty("b2cs");
  });
});

describe("small supplies to other buyers (b2cs)", () => {
  it("are sums by place and rate, within the state and between states, not through an operator's table", () => {
    const file = fileOf([
      document({ number: "S/1", lines: [line({ taxable: 70_00n, cgst: 6_30n, sgst: 6_31n, cess: 25n })] }),
      document({ number: "S/2", pos: "07", lines: [interLine({ taxable: 90_00n, rate: 500n, igst: 4_50n })] }),
      document({
        number: "S/3",
        kind: "credit_note",
        pos: "32",
        of: { ...large, value: 60_00n },
        lines: [interLine({ taxable: 20_00n, igst: 3_60n, cess: 11n })],
      }),
    ]);
    expect(file.b2cs).toEqual([
      { sply_ty: "INTER", rt: 5, typ: "OE", pos: "07", txval: 90, iamt: 4.5, camt: 0, samt: 0, csamt: 0 },
      { sply_ty: "INTRA", rt: 18, typ: "OE", pos: "27", txval: 70, iamt: 0, camt: 6.3, samt: 6.31, csamt: 0.25 },
      { sply_ty: "INTER", rt: 18, typ: "OE", pos: "32", txval: -20, iamt: -3.6, camt: 0, samt: 0, csamt: -0.11 },
    ]);
  });
});

describe("exports (exp)", () => {
  it("stand by whether tax was paid; the shipping bill is told where there is one already", () => {
    const file = fileOf([
      document({
        number: "E/1",
        pos: "96",
        supply: "export_with",
        lines: [
          interLine({ taxable: 500_00n, igst: 90_00n, cess: 1_25n }),
          interLine({ taxable: 60_00n, rate: 500n, igst: 3_00n }),
        ],
        port: { code: "INBOM4", bill: "7896542", on: "2026-04-11" },
      }),
      document({
        number: "E/2",
        on: "2026-04-21",
        pos: "96",
        supply: "export_without",
        lines: [interLine({ taxable: 730_40n, igst: 0n })],
      }),
      document({
        number: "E/3",
        pos: "96",
        supply: "export_without",
        lines: [interLine({ taxable: 81_00n, rate: 0n, igst: 0n })],
        port: { code: "INMAA1", bill: "1234567", on: "2026-05-02" },
      }),
    ]);
    expect(file.exp).toEqual([
      {
        exp_typ: "WOPAY",
        inv: [
          {
            inum: "E/2",
            idt: "21-04-2026",
            val: 730.4,
            itms: [{ rt: 18, txval: 730.4, iamt: 0, csamt: 0 }],
          },
          {
            inum: "E/3",
            idt: "10-04-2026",
            val: 81,
            sbpcode: "INMAA1",
            sbnum: "1234567",
            sbdt: "02-05-2026",
            itms: [{ rt: 0, txval: 81, iamt: 0, csamt: 0 }],
          },
        ],
      },
      {
        exp_typ: "WPAY",
        inv: [
          {
            inum: "E/1",
            idt: "10-04-2026",
            val: 654.25,
            sbpcode: "INBOM4",
            sbnum: "7896542",
            sbdt: "11-04-2026",
            itms: [
              { rt: 5, txval: 60, iamt: 3, csamt: 0 },
              { rt: 18, txval: 500, iamt: 90, csamt: 1.25 },
            ],
          },
        ],
      },
    ]);
  });
});

describe("notes to registered buyers (cdnr)", () => {
  it("stand under each buyer's number, numbers rising: C gives back, D asks for more", () => {
    const file = fileOf([
      document({
        number: "N/1",
        kind: "debit_note",
        on: "2026-04-05",
        buyer: neighbour,
        isReverseCharge: true,
        of: large,
        lines: [line({ taxable: 44_00n, cgst: 3_96n, sgst: 3_97n, cess: 40n })],
      }),
      document({
        number: "N/2",
        kind: "credit_note",
        buyer,
        pos: "29",
        supply: "sez_with",
        of: large,
        lines: [interLine({ taxable: 55_50n, igst: 9_99n })],
      }),
      document({
        number: "N/3",
        kind: "credit_note",
        buyer: inDelhi,
        pos: "07",
        supply: "deemed",
        of: large,
        lines: [
          interLine({ taxable: 10_00n, rate: 1_200n, igst: 1_20n }),
          interLine({ taxable: 20_00n, rate: 500n, igst: 1_00n }),
        ],
      }),
    ]);
    expect(file.cdnr).toEqual([
      {
        ctin: "07AABCL1234M1Z6",
        nt: [
          {
            ntty: "C",
            nt_num: "N/3",
            nt_dt: "10-04-2026",
            pos: "07",
            rchrg: "N",
            inv_typ: "DE",
            val: 32.2,
            itms: [
              { num: 1, itm_det: { rt: 5, txval: 20, iamt: 1, camt: 0, samt: 0, csamt: 0 } },
              { num: 2, itm_det: { rt: 12, txval: 10, iamt: 1.2, camt: 0, samt: 0, csamt: 0 } },
            ],
          },
        ],
      },
      {
        ctin: "27AAACC1206D1Z7",
        nt: [
          {
            ntty: "D",
            nt_num: "N/1",
            nt_dt: "05-04-2026",
            pos: "27",
            rchrg: "Y",
            inv_typ: "R",
            val: 52.33,
            itms: [{ num: 1, itm_det: { rt: 18, txval: 44, iamt: 0, camt: 3.96, samt: 3.97, csamt: 0.4 } }],
          },
        ],
      },
      {
        ctin: "29AAGCB7383J1Z4",
        nt: [
          {
            ntty: "C",
            nt_num: "N/2",
            nt_dt: "10-04-2026",
            pos: "29",
            rchrg: "N",
            inv_typ: "SEWP",
            val: 65.49,
            itms: [{ num: 1, itm_det: { rt: 18, txval: 55.5, iamt: 9.99, camt: 0, samt: 0, csamt: 0 } }],
          },
        ],
      },
    ]);
  });
});

describe("notes to other buyers (cdnur)", () => {
  it("say the kind of their invoice; only those within India have a place of supply", () => {
    const note = { of: large, pos: "29" } as const;
    const file = fileOf([
      document({
        ...note,
        number: "U/1",
        kind: "credit_note",
        lines: [
          interLine({ taxable: 33_00n, igst: 5_94n, cess: 15n }),
          interLine({ taxable: 5_00n, rate: 500n, igst: 25n }),
        ],
      }),
      document({
        ...note,
        number: "U/2",
        kind: "debit_note",
        pos: "32",
        supply: "deemed",
        lines: [interLine({ taxable: 12_00n, igst: 2_16n })],
      }),
      document({
        ...note,
        number: "U/3",
        kind: "credit_note",
        on: "2026-04-28",
        pos: "96",
        supply: "export_with",
        lines: [interLine({ taxable: 17_00n, igst: 3_06n })],
      }),
      document({
        ...note,
        number: "U/4",
        kind: "debit_note",
        pos: "96",
        supply: "export_without",
        lines: [interLine({ taxable: 19_50n, igst: 0n })],
      }),
    ]);
    expect(file.cdnur).toEqual([
      {
        typ: "B2CL",
        ntty: "C",
        nt_num: "U/1",
        nt_dt: "10-04-2026",
        pos: "29",
        val: 44.34,
        itms: [
          { num: 1, itm_det: { rt: 5, txval: 5, iamt: 0.25, csamt: 0 } },
          { num: 2, itm_det: { rt: 18, txval: 33, iamt: 5.94, csamt: 0.15 } },
        ],
      },
      {
        typ: "B2CL",
        ntty: "D",
        nt_num: "U/2",
        nt_dt: "10-04-2026",
        pos: "32",
        val: 14.16,
        itms: [{ num: 1, itm_det: { rt: 18, txval: 12, iamt: 2.16, csamt: 0 } }],
      },
      {
        typ: "EXPWP",
        ntty: "C",
        nt_num: "U/3",
        nt_dt: "28-04-2026",
        val: 20.06,
        itms: [{ num: 1, itm_det: { rt: 18, txval: 17, iamt: 3.06, csamt: 0 } }],
      },
      {
        typ: "EXPWOP",
        ntty: "D",
        nt_num: "U/4",
        nt_dt: "10-04-2026",
        val: 19.5,
        itms: [{ num: 1, itm_det: { rt: 18, txval: 19.5, iamt: 0, csamt: 0 } }],
      },
    ]);
  });
});

describe("what is not taxed (nil)", () => {
  it("has a row for each kind of buyer and way, with nil-rated, exempt and outside of GST apart", () => {
    const untaxed = { rate: 0n, cgst: 0n, sgst: 0n } as const;
    const file = fileOf([
      document({
        number: "Z/1",
        buyer,
        pos: "29",
        lines: [
          line({ ...untaxed, nature: "nil", taxable: 1_01n }),
          line({ ...untaxed, nature: "exempt", taxable: 2_02n }),
          line({ ...untaxed, nature: "non_gst", taxable: 3_03n }),
        ],
      }),
      document({ number: "Z/2", buyer: neighbour, lines: [line({ ...untaxed, nature: "exempt", taxable: 4_04n })] }),
      document({ number: "Z/3", pos: "07", lines: [line({ ...untaxed, nature: "nil", taxable: 5_05n })] }),
      document({ number: "Z/4", lines: [line({ ...untaxed, nature: "non_gst", taxable: 6_06n })] }),
    ]);
    expect(file.nil).toEqual({
      inv: [
        { sply_ty: "INTRB2B", expt_amt: 2.02, nil_amt: 1.01, ngsup_amt: 3.03 },
        { sply_ty: "INTRAB2B", expt_amt: 4.04, nil_amt: 0, ngsup_amt: 0 },
        { sply_ty: "INTRB2C", expt_amt: 0, nil_amt: 5.05, ngsup_amt: 0 },
        { sply_ty: "INTRAB2C", expt_amt: 0, nil_amt: 0, ngsup_amt: 6.06 },
      ],
    });
  });
});

describe("codes of goods and services (hsn)", () => {
  it("are told apart for registered and other buyers, numbered in each part", () => {
    const file = fileOf([
      document({
        number: "H/1",
        buyer: neighbour,
        lines: [
          line({
            hsn: "6912",
            description: "Stoneware mug with a handle, dishwasher safe",
            qty: 12n,
            taxable: 120_00n,
            cgst: 10_80n,
            sgst: 10_81n,
            cess: 33n,
          }),
          // Ends in 99 and is goods all the same: only what begins with 99 is a service.
          line({ hsn: "39269099", description: "Lid", uqc: "PCS", qty: 250n, decimals: 2, taxable: 15_00n }),
        ],
      }),
      document({
        number: "H/2",
        pos: "29",
        lines: [
          interLine({ hsn: "998898", description: "Engraving", uqc: "OTH", qty: 3n, taxable: 80_00n, igst: 14_40n }),
          interLine({ hsn: "5208", description: "Cloth", uqc: "MTR", qty: 15n, decimals: 1, rate: 500n, igst: 5_00n }),
        ],
      }),
    ]);
    expect(file.hsn).toEqual({
      hsn_b2b: [
        {
          num: 1,
          hsn_sc: "39269099",
          desc: "Lid",
          uqc: "PCS",
          qty: 2.5,
          rt: 18,
          txval: 15,
          iamt: 0,
          camt: 9,
          samt: 9,
          csamt: 0,
        },
        {
          num: 2,
          hsn_sc: "6912",
          desc: "Stoneware mug with a handle, d",
          uqc: "NOS",
          qty: 12,
          rt: 18,
          txval: 120,
          iamt: 0,
          camt: 10.8,
          samt: 10.81,
          csamt: 0.33,
        },
      ],
      hsn_b2c: [
        {
          num: 1,
          hsn_sc: "5208",
          desc: "Cloth",
          uqc: "MTR",
          qty: 1.5,
          rt: 5,
          txval: 100,
          iamt: 5,
          camt: 0,
          samt: 0,
          csamt: 0,
        },
        {
          num: 2,
          hsn_sc: "998898",
          desc: "Engraving",
          uqc: "NA",
          qty: 0,
          rt: 18,
          txval: 80,
          iamt: 14.4,
          camt: 0,
          samt: 0,
          csamt: 0,
        },
      ],
    });
  });

  it("were in one table for all buyers until April 2025", () => {
    const file = fileOf(
      [
        document({ on: "2025-04-09", buyer: neighbour, lines: [line({ qty: 4n })] }),
        document({ on: "2025-04-30", number: "INV-2", lines: [line({ qty: 5n, taxable: 50_00n, cgst: 4_50n })] }),
      ],
      [],
      { from: "2025-04-01", to: "2025-04-30" },
    );
    expect(file.hsn).toEqual({
      data: [
        {
          num: 1,
          hsn_sc: "6912",
          desc: "Mug",
          uqc: "NOS",
          qty: 9,
          rt: 18,
          txval: 150,
          iamt: 0,
          camt: 13.5,
          samt: 18,
          csamt: 0,
        },
      ],
    });
  });

  it.each([
    ["of three decimals, a half upwards", "invoice", 1_005n, 3, 1.01],
    ["just below a half", "invoice", 1_004n, 3, 1],
    ["that were given back, a half away from zero", "credit_note", 1_005n, 3, -1.01],
    ["that were given back, just below a half", "credit_note", 1_004n, 3, -1],
    ["of six decimals", "invoice", 2_345_678n, 6, 2.35],
    ["of two decimals", "invoice", 1_005n, 2, 10.05],
    ["of none", "invoice", 1_005n, 0, 1005],
    ["that come to nothing", "invoice", 0n, 3, 0],
  ] as const)("have quantities with two decimals at most: %s", (_, kind, qty, decimals, told) => {
    const file = fileOf([document({ kind, buyer: neighbour, lines: [line({ uqc: "KGS", qty, decimals })] })]);
    expect(file.hsn).toMatchObject({ hsn_b2b: [{ uqc: "KGS", qty: told }], hsn_b2c: [] });
  });
});

describe("documents issued (doc_issue)", () => {
  it("have the portal's number of their kind, ranges numbered, and what is left without the cancelled ones", () => {
    const file = fileOf(
      [],
      [
        {
          kind: "invoice",
          ranges: [
            { from: "INV-1", to: "INV-40", total: 40n, cancelled: 3n },
            { from: "POS-7", to: "POS-9", total: 3n, cancelled: 0n },
          ],
        },
        { kind: "debit_note", ranges: [{ from: "DN-1", to: "DN-2", total: 2n, cancelled: 1n }] },
        { kind: "credit_note", ranges: [{ from: "CN-5", to: "CN-9", total: 5n, cancelled: 5n }] },
      ],
    );
    expect(file.doc_issue).toEqual({
      doc_det: [
        {
          doc_num: 1,
          docs: [
            { num: 1, from: "INV-1", to: "INV-40", totnum: 40, cancel: 3, net_issue: 37 },
            { num: 2, from: "POS-7", to: "POS-9", totnum: 3, cancel: 0, net_issue: 3 },
          ],
        },
        { doc_num: 4, docs: [{ num: 1, from: "DN-1", to: "DN-2", totnum: 2, cancel: 1, net_issue: 1 }] },
        { doc_num: 5, docs: [{ num: 1, from: "CN-5", to: "CN-9", totnum: 5, cancel: 5, net_issue: 0 }] },
      ],
    });
  });
});

describe("supplies through operators (supeco)", () => {
  it("stand by whether the operator collects tax on them or pays it", () => {
    const file = fileOf([
      document({
        number: "O/1",
        operator: { gstin: buyer, pays: false },
        lines: [line({ taxable: 21_00n, cgst: 1_89n, sgst: 1_90n, cess: 5n })],
      }),
      document({
        number: "O/2",
        pos: "07",
        operator: { gstin: inDelhi, pays: true },
        lines: [interLine({ taxable: 31_00n, igst: 5_58n })],
      }),
    ]);
    expect(file.supeco).toEqual({
      clttx: [{ etin: "29AAGCB7383J1Z4", suppval: 21, igst: 0, cgst: 1.89, sgst: 1.9, cess: 0.05 }],
      paytx: [{ etin: "07AABCL1234M1Z6", suppval: 31, igst: 5.58, cgst: 0, sgst: 0, cess: 0 }],
    });
    // What the operator pays the tax of is in no other table.
    expect(file.b2cs).toEqual([
      { sply_ty: "INTRA", rt: 18, typ: "OE", pos: "27", txval: 21, iamt: 0, camt: 1.89, samt: 1.9, csamt: 0.05 },
    ]);
  });
});
