/** Rows of types that no connector knows: in the books as other until a person says what they are, once for all like them. */
import { Button } from "@/app/ui/button";
import { Day } from "@/app/ui/date";
import { Expander } from "@/app/ui/expander";
import { SelectField } from "@/app/ui/field";
import { countText } from "@/app/ui/figures";
import { Form } from "@/app/ui/form";
import { Fig } from "@/app/ui/link";
import { Money } from "@/app/ui/money";
import { Note, Section } from "@/app/ui/section";
import { Table } from "@/app/ui/table";
import type { PlaceChoice, PlacedType } from "@/lib/desk/placed-types";
import { can, type Scope } from "@/lib/people/access";
import type { OtherRow, OtherType } from "@/lib/sales/channel-reads";
import { orderHref } from "../../inventory/balances/state";
import { placeTypeAs } from "../actions";

export function Others({
  scope,
  channel,
  here,
  types,
  choices,
  opened,
  rows,
}: {
  scope: Scope;
  channel: string;
  here: string;
  choices: readonly PlaceChoice[];
  types: readonly OtherType[];
  opened: string | null;
  rows: readonly OtherRow[];
}) {
  if (types.length === 0) return null;
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} zero="figure" />;
  const sum = types.reduce((total, one) => total + one.amountMinor, 0n);
  const count = types.reduce((total, one) => total + one.count, 0);
  return (
    <div id="other" className="mt-8">
      <Section
        title="Types never seen before"
        note="in the books as other, so that nothing is lost and each payout adds up; open one to say what it is"
      >
        <Table<OtherType>
          caption="Row types that Lotbook does not know"
          rows={types}
          keyOf={(row) => row.type}
          columns={[
            {
              key: "type",
              head: "The channel's word",
              rowHead: true,
              phone: "what",
              cell: (row) => (
                <Expander
                  open={row.type === opened}
                  href={row.type === opened ? `${here}#other` : `${here}?type=${encodeURIComponent(row.type)}#other`}
                >
                  {row.type}
                </Expander>
              ),
            },
            {
              key: "days",
              head: "Days",
              phone: "where",
              cell: (row) => (
                <>
                  <Day on={row.from} />
                  {row.from === row.to ? null : (
                    <>
                      {" to "}
                      <Day on={row.to} />
                    </>
                  )}
                </>
              ),
            },
            { key: "count", head: "Rows", align: "right", phone: "second", cell: (row) => countText(row.count) },
            { key: "sum", head: "Sum", align: "right", phone: "amount", cell: (row) => money(row.amountMinor) },
          ]}
          under={(row) =>
            row.type === opened ? (
              <>
                {can(scope, "write") ? <Place channel={channel} type={row.type} choices={choices} /> : null}
                <OtherList scope={scope} type={row} rows={rows} />
              </>
            ) : null
          }
          totals={{ label: "All of them", span: 2, figures: { count: countText(count), sum: money(sum) } }}
        />
      </Section>
    </div>
  );
}

function OtherList({ scope, type, rows }: { scope: Scope; type: OtherType; rows: readonly OtherRow[] }) {
  return (
    <>
      <Table<OtherRow>
        caption={`Rows of type ${type.type}`}
        rows={rows}
        keyOf={(row) => row.id}
        columns={[
          { key: "on", head: "Date", phone: "where", cell: (row) => <Day on={row.on} /> },
          { key: "memo", head: "The channel's words", wraps: true, phone: "what", cell: (row) => row.memo || "–" },
          {
            key: "order",
            head: "Order",
            cell: (row) =>
              row.order === null ? null : (
                <Fig narrow href={orderHref(`/${scope.slug}`, row.order)}>
                  {row.number}
                </Fig>
              ),
          },
          {
            key: "amount",
            head: "Amount",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={{ amountMinor: row.amountMinor, currency: scope.currency }} />,
          },
        ]}
      />
      {rows.length < type.count ? <Note small>The newest {countText(rows.length)} are shown.</Note> : null}
    </>
  );
}

/** Said once, for all rows of the type that are here and that come. */
function Place({ channel, type, choices }: { channel: string; type: string; choices: readonly PlaceChoice[] }) {
  return (
    <Form action={placeTypeAs} hidden={{ channel, type }}>
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <SelectField
          name="code"
          label={`What “${type}” is`}
          options={choices.map(({ code, name }) => ({ value: code, label: `${code} ${name}` }))}
          value="6000"
        />
        <Button kind="primary" busy="Posting anew">
          Place all of them
        </Button>
      </div>
    </Form>
  );
}

/** The types that a person has placed, each with its way back. */
export function Placed({ scope, channel, types }: { scope: Scope; channel: string; types: readonly PlacedType[] }) {
  if (types.length === 0) return null;
  return (
    <div className="mt-8">
      <Section title="Types that were placed" note="for all their rows, past and to come">
        <Table<PlacedType>
          caption="Types that were placed"
          rows={types}
          keyOf={(row) => row.type}
          columns={[
            { key: "type", head: "The channel's word", rowHead: true, phone: "what", cell: (row) => row.type },
            { key: "account", head: "Account", phone: "where", cell: (row) => `${row.code} ${row.account}` },
            { key: "count", head: "Rows", align: "right", phone: "second", cell: (row) => countText(row.count) },
            {
              key: "sum",
              head: "Sum",
              align: "right",
              phone: "amount",
              cell: (row) => <Money of={{ amountMinor: row.amountMinor, currency: scope.currency }} zero="figure" />,
            },
            {
              key: "act",
              head: "Action",
              headHidden: true,
              align: "right",
              phone: "full",
              cell: (row) =>
                can(scope, "write") ? (
                  <Form action={placeTypeAs} hidden={{ channel, type: row.type, code: "" }}>
                    <Button kind="link" busy="Taking back" says={row.type}>
                      Take back
                    </Button>
                  </Form>
                ) : null,
            },
          ]}
        />
      </Section>
    </div>
  );
}
