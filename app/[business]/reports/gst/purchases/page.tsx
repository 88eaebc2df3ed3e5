import type { Metadata } from "next";
import { formatMinor } from "@/lib/core/money";
import { type PurchaseToTax, purchasesToTax } from "@/lib/desk/gst-purchase-reads";
import { can, type Scope } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../../scope";
import { filterOf, hrefOf, type SearchParams } from "../../../../ui/address";
import { Button } from "../../../../ui/button";
import { Day } from "../../../../ui/date";
import { Empty } from "../../../../ui/empty";
import { Fields, FormActions, SelectField, TextField } from "../../../../ui/field";
import { Form } from "../../../../ui/form";
import { Fig } from "../../../../ui/link";
import { Money } from "../../../../ui/money";
import { Note } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { amountColumns } from "../amounts";
import { GstFrame } from "../frame";
import { gstState } from "../state";
import { dropTax, savePurchase } from "./actions";

export const metadata: Metadata = { title: "Taxes of purchases" };

const none = { taxable: 0n, igst: 0n, cgst: 0n, sgst: 0n, cess: 0n };

/** The purchases of a period with the taxes on their invoices: what may be set against the tax of sales. */
export default async function PurchasesPage({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const state = await gstState(scope, await searchParams);
  const rows = await purchasesToTax(scope, state.chosen.period);
  const edit = filterOf(state.address, "edit");
  const mayWrite = can(scope, "write");
  const href = (row: PurchaseToTax) =>
    mayWrite ? hrefOf(`/${scope.slug}/reports/gst/purchases`, state.address, { filters: { edit: row.id } }) : null;
  return (
    <GstFrame scope={scope} report="purchases" state={state}>
      <Note>
        What stands here is set against the tax of sales in GSTR-3B. What the supplier was paid of it goes to Input
        CGST, SGST and IGST; the goods cost the rest. Where no credit is allowed, the tax stays in their cost. Tax of
        imports and of reverse charge is paid to the state: give that bank line the input account as its category.
      </Note>
      <Table<PurchaseToTax>
        caption="Purchases with their taxes"
        rows={rows}
        keyOf={(row) => row.id}
        hrefOf={href}
        stateOf={(row) => ({ chosen: row.id === edit })}
        under={(row) => (row.id === edit && mayWrite ? <TaxForm scope={scope} row={row} /> : null)}
        columns={[
          { key: "on", head: "Date", cell: (row) => <Day on={row.on} year={Number(state.today.slice(0, 4))} /> },
          {
            key: "party",
            head: "Supplier",
            rowHead: true,
            phone: "what",
            cell: (row) => {
              const to = href(row);
              const name = row.party === "" ? "Purchase" : row.party;
              return to === null ? name : <Fig href={to}>{name}</Fig>;
            },
          },
          {
            key: "number",
            head: "Their number",
            quiet: true,
            phone: "where",
            cell: (row) =>
              row.tax === null
                ? "no tax given"
                : row.tax.isBooked
                  ? row.tax.number
                  : `${row.tax.number} (not in the accounts yet: save it again)`,
          },
          {
            key: "paid",
            head: "Paid",
            align: "right",
            phone: "second",
            cell: (row) => <Money of={{ amountMinor: row.paid, currency: scope.currency }} />,
          },
          ...amountColumns<PurchaseToTax>(scope.currency, (row) => row.tax?.amounts ?? none),
        ]}
        empty={<Empty title="Nothing was bought in this period">Choose another period.</Empty>}
      />
    </GstFrame>
  );
}

function TaxForm({ scope, row }: { scope: Scope; row: PurchaseToTax }) {
  const { tax } = row;
  const amounts = tax?.amounts ?? none;
  const typed = (amount: bigint) => (amount === 0n ? "" : formatMinor(amount, scope.currency));
  return (
    <div className="max-w-[640px]">
      <Form action={savePurchase} hidden={{ purchase: row.id }}>
        <Fields columns={2}>
          <TextField label="Their invoice number" name="number" value={tax?.number} maxLength={40} />
          <TextField label="Their GSTIN" name="supplier" value={tax?.supplier} maxLength={40} optional />
          <SelectField
            label="How it was taxed"
            name="nature"
            value={tax?.nature ?? "taxable"}
            options={[
              { value: "taxable", label: "taxed" },
              { value: "nil", label: "nil rated or exempt" },
              { value: "non_gst", label: "outside GST" },
            ]}
          />
          <SelectField
            label="Kind"
            name="kind"
            value={tax?.isImport === true ? "import" : tax?.isReverseCharge === true ? "reverse" : "usual"}
            options={[
              { value: "usual", label: "From a supplier in India" },
              { value: "import", label: "Import of goods" },
              { value: "reverse", label: "Reverse charge: you owe the tax" },
            ]}
          />
          <TextField label="Taxable value" name="taxable" value={typed(amounts.taxable)} inputMode="decimal" />
          <TextField label="IGST" name="igst" value={typed(amounts.igst)} inputMode="decimal" optional />
          <TextField label="CGST" name="cgst" value={typed(amounts.cgst)} inputMode="decimal" optional />
          <TextField label="SGST" name="sgst" value={typed(amounts.sgst)} inputMode="decimal" optional />
          <TextField label="Cess" name="cess" value={typed(amounts.cess)} inputMode="decimal" optional />
          <SelectField
            label="No credit for it"
            name="isBlocked"
            value={tax?.isBlocked === true ? "yes" : "no"}
            hint="Section 17(5)."
            options={[
              { value: "no", label: "No" },
              { value: "yes", label: "Yes" },
            ]}
          />
          {row.detailed === 0n ? null : (
            <SelectField
              label="Its details hold the tax"
              name="within"
              value=""
              hint="It is taken out there: the goods cost that much less."
              options={[
                { value: "", label: "No" },
                { value: "rows", label: "In what the rows cost, by their cost" },
                ...row.extras.map((label, place) => ({ value: `extra ${place}`, label: `In the extra cost ${label}` })),
              ]}
            />
          )}
        </Fields>
        <FormActions>
          <Button kind="primary" busy="Saving">
            Save
          </Button>
        </FormActions>
      </Form>
      {tax === null ? null : (
        <Form action={dropTax} hidden={{ purchase: row.id }} className="mt-2">
          <Button busy="Taking out">Take its tax out</Button>
        </Form>
      )}
    </div>
  );
}
