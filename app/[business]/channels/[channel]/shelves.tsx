/** A channel's own shelves: which locations they are, where the channel says other than the books, what waits, and what happened last. */
import { Button } from "@/app/ui/button";
import { Day } from "@/app/ui/date";
import { SelectField } from "@/app/ui/field";
import { Form } from "@/app/ui/form";
import { TextLink } from "@/app/ui/link";
import { Note, Section } from "@/app/ui/section";
import { Table } from "@/app/ui/table";
import { formatQuantity } from "@/lib/core/quantity";
import type { ShelfDifference, ShelfStep, ShelfView } from "@/lib/desk/channel-shelves";
import { can, type Scope } from "@/lib/people/access";
import type { LocationChoice } from "@/lib/stock/location-reads";
import { chooseShelf } from "../actions";

const shelfNames = {
  sellable: "Can be sold",
  unsellable: "Cannot be sold",
  removal: "Being taken out",
} as const;

export function Shelves({
  scope,
  channel,
  view,
  choices,
}: {
  scope: Scope;
  channel: Readonly<{ id: string; kindName: string }>;
  view: ShelfView | null;
  choices: readonly LocationChoice[];
}) {
  if (view === null) return null;
  const { kindName } = channel;
  return (
    <div id="shelves" className="mt-8">
      <Section
        title={`Stock at ${kindName}`}
        note="what it sends for you is taken from here; what happens there moves by itself"
      >
        <Places scope={scope} channel={channel.id} view={view} choices={choices} />
      </Section>
      <Section
        title={`What ${kindName} says that it holds`}
        note="held against the books, and never put right by itself"
      >
        <Differences scope={scope} kindName={kindName} rows={view.differences} />
        {view.unknown.length === 0 ? null : (
          <Note>
            {kindName} holds {view.unknown.slice(0, 5).join(", ")}
            {view.unknown.length > 5 ? " and others" : ""}, which no product here has as its SKU. What happens to them
            waits until one has.
          </Note>
        )}
      </Section>
      {view.waiting.length === 0 ? null : (
        <Section title="What waits" note="tried again with each sync">
          <Steps caption={`What happened at ${kindName} and waits`} rows={view.waiting} />
        </Section>
      )}
      {view.steps.length === 0 ? null : (
        <Section title="What happened there last" note={`in the words of ${kindName}`}>
          <Steps caption={`What happened at ${kindName} last`} rows={view.steps} />
        </Section>
      )}
    </div>
  );
}

type Place = ShelfView["shelves"][number];

function Places({
  scope,
  channel,
  view,
  choices,
}: {
  scope: Scope;
  channel: string;
  view: ShelfView;
  choices: readonly LocationChoice[];
}) {
  const options = choices.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Table<Place>
      caption="Shelves"
      rows={view.shelves}
      keyOf={(row) => row.shelf}
      columns={[
        { key: "shelf", head: "Shelf", rowHead: true, phone: "what", cell: (row) => shelfNames[row.shelf] },
        {
          key: "stock",
          head: "Stock there",
          phone: "second",
          cell: (row) => (
            <TextLink href={`/${scope.slug}/inventory/in-stock?location=${encodeURIComponent(row.location)}`}>
              {row.name}
            </TextLink>
          ),
        },
        {
          key: "location",
          head: "Location",
          phone: "where",
          width: 320,
          cell: (row) =>
            can(scope, "write") ? (
              <Form action={chooseShelf} hidden={{ channel, shelf: row.shelf }} className="flex items-end gap-2">
                <SelectField
                  bare
                  label={`Location of what ${shelfNames[row.shelf].toLowerCase()}`}
                  name="location"
                  options={options}
                  value={row.location}
                />
                <Button busy="Saving" says={shelfNames[row.shelf]}>
                  Save
                </Button>
              </Form>
            ) : (
              row.name
            ),
        },
      ]}
    />
  );
}

function Differences({ scope, kindName, rows }: { scope: Scope; kindName: string; rows: readonly ShelfDifference[] }) {
  if (rows.length === 0) return <Note>What {kindName} says that it holds is what the books say.</Note>;
  return (
    <>
      <Table<ShelfDifference>
        caption={`What ${kindName} says, and what the books say`}
        rows={rows}
        keyOf={(row) => `${row.item}/${row.shelf}`}
        columns={[
          {
            key: "item",
            head: "Item",
            rowHead: true,
            phone: "what",
            cell: (row) => (
              <TextLink
                href={`/${scope.slug}/inventory/ledger/${encodeURIComponent(row.item)}?location=${encodeURIComponent(row.location)}`}
              >
                {row.name}
              </TextLink>
            ),
          },
          { key: "shelf", head: "Shelf", phone: "where", cell: (row) => shelfNames[row.shelf] },
          {
            key: "said",
            head: kindName,
            align: "right",
            phone: "amount",
            cell: (row) => formatQuantity(row.said, row.decimals),
          },
          {
            key: "booked",
            head: "Books",
            align: "right",
            phone: "second",
            cell: (row) => formatQuantity(row.booked, row.decimals),
          },
          {
            key: "since",
            head: "Since",
            low: true,
            cell: (row) => (row.since === null ? null : <Day on={row.since} />),
          },
        ]}
      />
      <Note>
        {kindName} tells what happened some days late: what still differs after that is counted at {kindName}, or comes
        from before what it tells. Put it right by a transfer, or by removing or adding stock there.
      </Note>
    </>
  );
}

function Steps({ caption, rows }: { caption: string; rows: readonly ShelfStep[] }) {
  return (
    <Table<ShelfStep>
      caption={caption}
      rows={rows}
      keyOf={(row) => row.id}
      columns={[
        { key: "on", head: "Date", phone: "where", cell: (row) => <Day on={row.on} /> },
        { key: "sku", head: "SKU", rowHead: true, phone: "what", cell: (row) => row.sku },
        {
          key: "qty",
          head: "Pieces",
          align: "right",
          phone: "amount",
          cell: (row) => formatQuantity(row.qty, 0),
        },
        { key: "place", head: "Shelf", low: true, cell: (row) => row.place },
        {
          key: "words",
          head: "The channel's words",
          wraps: true,
          phone: "full",
          cell: (row) => (row.why === null ? row.words : row.why),
        },
      ]}
    />
  );
}
