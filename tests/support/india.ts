/** A seller in India: registered in Maharashtra, mugs at 18 %, books that are exempt, tax on top of the orders of April 2026. */
import { inBusiness } from "../../db/scope";
import { saveGstSettings, saveItemTax } from "../../lib/desk/gst-settings";
import { issueCreditNote, issueInvoice } from "../../lib/desk/issuing";
import { saveLetterhead } from "../../lib/desk/letterhead";
import { openBusiness, type Scope } from "../../lib/people/access";
import { createBusiness } from "../../lib/people/businesses";
import { addChannel } from "../../lib/sales/channel-accounts";
import { aPerson } from "../../scripts/lib/sellers";
import { give, item, order, purchase } from "./trading";

export const gstin = "27AAPFU0939F1ZV";
export const theirs = "29AAGCB7383J1Z4";
export const april = { from: "2026-04-01", to: "2026-04-30" } as const;

/** A business in India that has said and done nothing yet. */
export async function anIndianBusiness(): Promise<Scope> {
  const person = await aPerson();
  const made = await createBusiness(
    { id: person },
    { name: "Chai Cups", country: "IN", currency: "INR", timeZone: "Asia/Kolkata", taxYearStartMonth: 4 },
  );
  return openBusiness(person, made.slug);
}

export async function anIndianShop(): Promise<Scope> {
  const scope = await anIndianBusiness();
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "shop", kind: "etsy", name: "Etsy", state: "file" }));
  await saveLetterhead(scope, { legalName: "Chai Cups LLP", address: "Pune", taxNumber: gstin, foot: "" });
  await saveGstSettings(scope, { isWithin: false, turnover: "1200000" });
  await give(scope, [
    item("mug", "Mug", "MUG"),
    item("book", "Book", "BOOK"),
    purchase("p1", "2026-03-02", [["mug", 20n, 100_000n]]),
    purchase("p2", "2026-04-02", [["book", 5n, 50_000n]]),
    order("o1", "2026-04-03", [["Mug", 2n, 20_000n, "MUG"]], { tax: 3_600n, taxBy: "seller" }),
    order(
      "o2",
      "2026-04-04",
      [
        ["Mug", 1n, 10_000n, "MUG"],
        ["Book", 1n, 15_000n, "BOOK"],
      ],
      { tax: 1_800n, taxBy: "seller" },
    ),
    {
      kind: "return",
      id: "r1",
      date: "2026-04-20",
      order: "o1",
      lines: [
        {
          id: "r1-1",
          line: "o1-1",
          qty: 1n,
          amount: 11_800n,
          restock: true,
          writeOff: false,
          location: null,
          placed: true,
        },
      ],
    },
  ]);
  const mug = { hsn: "6912", uqc: "NOS", nature: "taxable", rate: "18", from: "2026-04-01" };
  await saveItemTax(scope, { item: "mug", ...mug });
  await saveItemTax(scope, { item: "book", ...mug, hsn: "4901", nature: "exempt" });
  return scope;
}

const nobody = { name: "", address: "", taxNumber: "" };

/** An invoice to a buyer with a registration in another state, one to nobody known, and the note of what came back of the first. */
export async function issueAll(scope: Scope) {
  const first = await issueInvoice(scope, {
    order: "o1",
    on: "2026-04-03",
    to: { name: "Ada", address: "", taxNumber: theirs },
  });
  const second = await issueInvoice(scope, { order: "o2", on: "2026-04-04", to: nobody });
  const note = await issueCreditNote(scope, { return: "r1", on: "2026-04-20" });
  return { first, second, note };
}
