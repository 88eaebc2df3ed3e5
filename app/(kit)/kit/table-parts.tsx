import { hrefOf, readAddress, type SearchParams, sortOf } from "@/app/ui/address";
import { Button, ButtonLink } from "@/app/ui/button";
import { Day } from "@/app/ui/date";
import { Empty } from "@/app/ui/empty";
import { Expander } from "@/app/ui/expander";
import { FilterBar } from "@/app/ui/filter-bar";
import { Fig, TextLink } from "@/app/ui/link";
import { Dash, Money, Quantity } from "@/app/ui/money";
import { Pager } from "@/app/ui/pager";
import { Why } from "@/app/ui/provenance";
import { Section } from "@/app/ui/section";
import { type Column, Table } from "@/app/ui/table";
import { Tag } from "@/app/ui/tag";

type Sold = Readonly<{
  id: string;
  on: string;
  item: string;
  state: string;
  price: bigint;
  cost: bigint | null;
  profit: bigint;
}>;

const sold: readonly Sold[] = [
  {
    id: "1",
    on: "2026-11-18",
    item: "Beeswax tapers, six",
    state: "default",
    price: 2400n,
    cost: 1024n,
    profit: 1018n,
  },
  { id: "2", on: "2026-11-18", item: "Dish brush, ash", state: "changed", price: 1400n, cost: 471n, profit: 703n },
  { id: "3", on: "2026-11-17", item: "Cast-iron trivet", state: "chosen", price: 2800n, cost: 1157n, profit: 1266n },
  { id: "4", on: "2026-11-16", item: "Stoneware jar, 1 qt", state: "busy", price: 3800n, cost: 1559n, profit: 1619n },
  {
    id: "5",
    on: "2026-11-14",
    item: "Griswold No. 8 skillet",
    state: "needs cost",
    price: 14500n,
    cost: null,
    profit: 0n,
  },
  { id: "6", on: "2026-11-12", item: "Brass coat hooks, pair", state: "loss", price: 900n, cost: 1253n, profit: -472n },
  {
    id: "7",
    on: "2025-12-29",
    item: "Olive-wood board, small, of a wood so old that its grain runs in rings, turned by hand in a shop by the harbour wall",
    state: "refused",
    price: 4200n,
    cost: 1806n,
    profit: 1742n,
  },
];

const usd = (amountMinor: bigint) => ({ amountMinor, currency: "USD" });

type Move = Readonly<{
  id: string;
  on: string;
  kind: string;
  document: string;
  party: string;
  place: string;
  moved: bigint;
  value: bigint;
  hand: bigint;
  worth: bigint;
}>;
const moves: readonly Move[] = [
  {
    id: "a",
    on: "2026-10-21",
    kind: "Sale return",
    document: "R-128",
    party: "eBay",
    place: "Garage",
    moved: 1n,
    value: 723n,
    hand: 87n,
    worth: 60519n,
  },
  {
    id: "b",
    on: "2026-10-24",
    kind: "Sale",
    document: "S-339",
    party: "Market stall",
    place: "Market stall",
    moved: -3n,
    value: -2098n,
    hand: 84n,
    worth: 58421n,
  },
  {
    id: "c",
    on: "2026-10-24",
    kind: "Transfer",
    document: "T-58",
    party: "to Market stall",
    place: "Garage",
    moved: -12n,
    value: 0n,
    hand: 72n,
    worth: 58421n,
  },
  {
    id: "d",
    on: "2026-11-19",
    kind: "Purchase",
    document: "P-1072",
    party: "Brimfield Wholesale",
    place: "Garage",
    moved: 24n,
    value: 17828n,
    hand: 96n,
    worth: 76249n,
  },
];

/** Tables in their states: selection, an item's ledger with Why, loading, error, empty, folded days. */
export function TableParts({ params }: { params: SearchParams }) {
  const address = readAddress(params, { filters: ["missing"], sorts: ["on", "price"] });
  const columns: readonly Column<Sold>[] = [
    {
      key: "on",
      head: "Date",
      quiet: true,
      width: 84,
      sort: sortOf("/kit", address, "on", true),
      cell: (row) => <Day on={row.on} year={2026} />,
    },
    { key: "item", head: "Item", wraps: true, phone: "what", cell: (row) => row.item },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => <Day on={row.on} year={2026} />,
    },
    { key: "state", head: "State", quiet: true, low: true, width: 110, cell: (row) => row.state },
    {
      key: "price",
      head: "Price",
      align: "right",
      width: 90,
      sort: sortOf("/kit", address, "price"),
      cell: (row) => <Money of={usd(row.price)} />,
    },
    {
      key: "cost",
      head: "Item costs",
      align: "right",
      width: 120,
      phone: "amount",
      cell: (row) =>
        row.cost === null ? (
          <Tag href="/kit" says={row.item}>
            Add costs
          </Tag>
        ) : (
          <Fig href="/kit">
            <Money of={usd(row.cost)} />
          </Fig>
        ),
    },
    {
      key: "profit",
      head: "Profit",
      align: "right",
      width: 80,
      running: "first",
      phone: "second",
      cell: (row) => (row.cost === null ? <Dash says="not known" /> : <Money of={usd(row.profit)} />),
    },
  ];
  const why = params.why === "b";
  const ledger: readonly Column<Move>[] = [
    { key: "on", head: "Date", quiet: true, cell: (row) => <Day on={row.on} year={2026} /> },
    { key: "kind", head: "Type", cell: (row) => row.kind },
    {
      key: "document",
      head: "Document",
      cell: (row) => (
        <Fig href="/kit" narrow>
          {row.document}
        </Fig>
      ),
    },
    { key: "party", head: "Party", low: true, cell: (row) => row.party },
    { key: "place", head: "Location", cell: (row) => row.place },
    {
      key: "what",
      head: "Movement",
      phoneOnly: true,
      phone: "what",
      cell: (row) => (
        <>
          {row.kind} <span className="q">{row.party}</span>
        </>
      ),
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          <Day on={row.on} year={2026} /> · <span className="n">{row.document}</span>
        </>
      ),
    },
    {
      key: "moved",
      head: "Moved",
      phoneOnly: true,
      phone: "moved",
      align: "right",
      cell: (row) => <Quantity of={row.moved} />,
    },
    {
      key: "movedValue",
      head: "Value moved",
      headHidden: true,
      phoneOnly: true,
      phone: "movedValue",
      align: "right",
      cell: (row) => <Money of={usd(row.value)} />,
    },
    { key: "in", head: "In", align: "right", cell: (row) => (row.moved > 0n ? <Quantity of={row.moved} /> : null) },
    { key: "out", head: "Out", align: "right", cell: (row) => (row.moved < 0n ? <Quantity of={-row.moved} /> : null) },
    {
      key: "rate",
      head: "Rate",
      align: "right",
      quiet: true,
      cell: (row) =>
        row.id === "b" ? (
          <TextLink href={hrefOf("/kit", address, { rest: { why: why ? null : "b" } })} open={why} stay>
            2 lots
          </TextLink>
        ) : null,
    },
    { key: "value", head: "Value", align: "right", cell: (row) => <Money of={usd(row.value)} /> },
    {
      key: "hand",
      head: "On hand",
      align: "right",
      running: "first",
      phone: "amount",
      cell: (row) => <Quantity of={row.hand} />,
    },
    {
      key: "worth",
      head: "Worth",
      align: "right",
      running: true,
      phone: "second",
      cell: (row) => <Money of={usd(row.worth)} />,
    },
  ];
  return (
    <>
      <Section title="Table rows">
        <form id="kit-selection" />
        <Table
          caption="Sold lines in all their states"
          columns={columns}
          rows={sold}
          keyOf={(row) => row.id}
          hrefOf={() => "/kit"}
          stateOf={(row) => ({
            chosen: row.state === "chosen",
            changed: row.state === "changed",
            busy: row.state === "busy",
            refused:
              row.state === "refused" ? (
                <>
                  This purchase has 118.00 left. 142.00 does not fit. <TextLink href="/kit">Try again</TextLink>
                </>
              ) : undefined,
          })}
          totals={{
            label: "7 lines",
            lead: "",
            span: 2,
            figures: {
              price: <Money of={usd(30000n)} />,
              cost: <Money of={usd(7270n)} />,
              profit: <Money of={usd(5876n)} />,
            },
            proved: ["profit"],
          }}
          bar={
            <FilterBar
              filters={[
                {
                  name: "Year",
                  value: "2026",
                  choices: [
                    { label: "2026", href: "/kit", current: true },
                    { label: "2025", href: "/kit?year=2025" },
                  ],
                },
                {
                  name: "Cost missing",
                  value: "14",
                  on: address.filters.missing !== undefined,
                  href: hrefOf("/kit", address, { filters: { missing: "1" } }),
                  off: hrefOf("/kit", address, { filters: { missing: null } }),
                },
                {
                  name: "Channel",
                  value: "all",
                  choices: [
                    { label: "All channels", href: "/kit", current: true },
                    { label: "eBay", href: "/kit?channel=ebay" },
                  ],
                },
                { name: "Item", value: "all", href: "/kit" },
              ]}
              end="Newest first"
            />
          }
          selection={{
            name: "line",
            form: "kit-selection",
            label: (row) => row.item,
            amount: (row) => row.price,
            currency: "USD",
            actions: <Button form="kit-selection">Add costs</Button>,
          }}
        />
        <Pager
          says="1 to 7 of 792"
          earlier={{ label: "Newer", href: null }}
          later={{ label: "Older", href: "/kit?after=7" }}
        />
      </Section>
      <Section title="An item’s ledger" note="a row opens why its cost is what it is">
        <Table
          caption="Item ledger of Enamel mug, 12 oz"
          phone="ledger"
          columns={ledger}
          rows={moves}
          keyOf={(row) => row.id}
          hrefOf={() => "/kit"}
          stateOf={(row) => ({ chosen: why && row.id === "b" })}
          under={(row) =>
            why && row.id === "b" ? (
              <Why
                title="Why 20.98?"
                reason="Oldest lots first: 1 left in the older, 2 from the next. Matched by hand at the stall, 24 Oct."
                lots={[
                  {
                    key: "1",
                    says: (
                      <>
                        <TextLink href="/kit">L-2131</TextLink> bought 24 Mar, Brimfield Wholesale: 24 for 173.54{" "}
                        <span className="q">(155.04 and 18.50 of freight, by value)</span>
                      </>
                    ),
                    before: 23n,
                    taken: 1n,
                    left: 0n,
                    cost: "7.23",
                  },
                  {
                    key: "2",
                    says: (
                      <>
                        <TextLink href="/kit">L-2144</TextLink> bought 12 Jun, Brimfield Wholesale: 30 for 206.30{" "}
                        <span className="q">(197.70 and 8.60 of freight, by value)</span>
                      </>
                    ),
                    before: 0n,
                    taken: 2n,
                    left: 28n,
                    cost: "13.75",
                  },
                  {
                    key: "3",
                    says: "A lot of 500, drawn as a bar",
                    before: 230n,
                    taken: 40n,
                    left: 230n,
                    cost: "0.00",
                  },
                ]}
              />
            ) : null
          }
          opening={{ lead: "4 Oct", label: "Opening", span: 4, figures: { hand: "62", worth: "427.98" } }}
          closing={{
            lead: "21 Nov",
            label: "Closing",
            span: 4,
            figures: { in: "25", out: "15", value: "264.53", hand: "96", worth: "762.49" },
            proved: ["hand", "worth"],
          }}
        />
      </Section>
      <Section title="Folded days, loading, failed, empty">
        <Table
          caption="What changed the inventory balance"
          columns={[
            {
              key: "what",
              head: "What",
              phone: "what",
              cell: (row: { what: string; amount: bigint; part: boolean }) =>
                row.part ? (
                  <span className="ind q">{row.what}</span>
                ) : (
                  <Expander href={hrefOf("/kit", address, { rest: { day: "x" } })} open>
                    {row.what}
                  </Expander>
                ),
            },
            {
              key: "amount",
              head: "Amount",
              align: "right",
              phone: "amount",
              cell: (row) => <Money of={usd(row.amount)} />,
            },
          ]}
          rows={[
            { what: "Cost of 2 sales", amount: -1619n, part: false },
            { what: "Cast-iron trivet", amount: -1157n, part: true },
            { what: "Linen tea towel, stripe", amount: -462n, part: true },
          ]}
          keyOf={(row) => row.what}
          stateOf={(row) => ({ part: row.part })}
        />
        <Table caption="Loading" columns={columns} rows={[]} keyOf={(row) => row.id} loading />
        <Table
          caption="Failed"
          columns={columns}
          rows={[]}
          keyOf={(row) => row.id}
          error="The lines could not be read. Try again, or tell us reference 7F3A."
        />
        <Table
          caption="Empty"
          columns={columns}
          rows={[]}
          keyOf={(row) => row.id}
          empty={
            <Empty
              title="No sale fits these three filters"
              actions={<ButtonLink href="/kit">Take all filters off</ButtonLink>}
            >
              Cost missing, eBay, and “lantern” together leave nothing.
            </Empty>
          }
        />
      </Section>
    </>
  );
}
