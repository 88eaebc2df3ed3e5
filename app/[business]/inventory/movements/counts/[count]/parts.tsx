import type { ReactNode } from "react";
import { differenceReasons, saysDifference, wayOf } from "@/lib/core/counts";
import { formatMinor } from "@/lib/core/money";
import { reasonOf } from "@/lib/core/reasons";
import type { CountLine } from "@/lib/desk/count-lines";
import type { CountDocument, CountView } from "@/lib/desk/count-reads";
import { isLimited, type Scope } from "@/lib/people/access";
import { Button } from "../../../../../ui/button";
import { Day } from "../../../../../ui/date";
import { CheckField, FormActions, MoneyField, SelectField } from "../../../../../ui/field";
import { countText, quantityText } from "../../../../../ui/figures";
import { Form } from "../../../../../ui/form";
import { Fig } from "../../../../../ui/link";
import { Money, Quantity } from "../../../../../ui/money";
import { Note, Section } from "../../../../../ui/section";
import { type Column, Table } from "../../../../../ui/table";
import { ledgerHref, todayOf } from "../../../balances/state";
import { adjustmentHref } from "../../../remove/state";
import { review } from "../actions";

type Parts = Readonly<{ scope: Scope; count: CountView }>;

const item = (base: string): Column<CountLine> => ({
  key: "item",
  head: "Item",
  rowHead: true,
  wraps: true,
  phone: "what",
  cell: (line) => (
    <>
      <Fig href={ledgerHref(base, line.item)}>{line.name}</Fig>
      {line.isExtra ? <span className="s q"> not planned</span> : null}
    </>
  ),
});

/** What stood to be counted, and how it came out. While it is blind and not over, nothing of what is expected. */
export function Lines({ scope, count }: Parts): ReactNode {
  const isApproved = count.state === "approved";
  const tells = isApproved || (!count.isBlind && count.state !== "draft");
  const figures = (line: CountLine) => {
    const proof = count.proved.get(line.item);
    if (isApproved) return proof === undefined ? null : proof;
    return line.counted === null
      ? null
      : { counted: line.counted.qty, expected: line.expected, difference: line.difference };
  };
  const quantity = (line: CountLine, of: bigint | undefined) =>
    of === undefined ? null : <Quantity of={of} decimals={line.decimals} zero="figure" />;
  const columns: Column<CountLine>[] = [
    item(`/${scope.slug}`),
    { key: "sku", head: "SKU", quiet: true, low: true, cell: (line) => <span className="n">{line.sku}</span> },
    {
      key: "counted",
      head: "Counted",
      align: "right",
      phone: "amount",
      cell: (line) => quantity(line, figures(line)?.counted) ?? <span className="q">not yet</span>,
    },
  ];
  if (tells) {
    columns.push(
      { key: "expected", head: "Expected", align: "right", cell: (line) => quantity(line, figures(line)?.expected) },
      {
        key: "difference",
        head: "Difference",
        align: "right",
        phone: "second",
        cell: (line) => {
          const found = figures(line);
          return found === null ? null : <Quantity of={found.difference} decimals={line.decimals} />;
        },
      },
    );
    columns.push({
      key: "reason",
      head: "Reason",
      cell: (line) => (line.reason === null || figures(line)?.difference === 0n ? null : saysDifference(line.reason)),
    });
  }
  return (
    <Section
      title={count.state === "draft" ? "What is to be counted" : "What was counted"}
      note={count.changed.length > 0 ? "as it was approved" : undefined}
      first={count.changed.length === 0}
    >
      <Table<CountLine> caption="Lines of the count" rows={count.lines} columns={columns} keyOf={(line) => line.item} />
    </Section>
  );
}

/** Differences with a field for each one's reason, then the rest: of an approved count as it was signed for. */
export function Review({ scope, count }: Parts): ReactNode {
  // Of an approved count only what differs otherwise by now is open again.
  const isSigned = count.state === "approved";
  const open = isSigned ? count.changed : count.lines;
  const differing = open.filter((line) => line.counted !== null && (line.difference !== 0n || line.untold !== 0n));
  const sum = differing.reduce((total, line) => total + line.worthMinor, 0n);
  return (
    <>
      <Section
        title="Differences"
        note={
          differing.length === 0
            ? "none"
            : `${countText(differing.length)}, about ${formatMinor(sum, scope.currency)} ${scope.currency} at cost`
        }
        first={!isSigned}
      >
        <Form action={review} hidden={{ count: count.id, version: String(count.version) }}>
          {differing.length === 0 ? (
            <p className="q">All that was counted is as the books say of that moment.</p>
          ) : (
            <Table<CountLine>
              caption="Differences of the count"
              rows={differing}
              keyOf={(line) => line.item}
              columns={differenceColumns(scope)}
            />
          )}
          <FormActions>
            {differing.length === 0 ? null : (
              <Button name="how" value="save" busy="Saving">
                Save reasons
              </Button>
            )}
            <Button kind="primary" busy="Working it out">
              Approve
            </Button>
          </FormActions>
          <div className="mt-2">
            <Note>What approving comes to at cost is shown first, then you go on.</Note>
          </div>
        </Form>
      </Section>
      {isSigned ? <Lines scope={scope} count={count} /> : <Others scope={scope} count={count} />}
    </>
  );
}

/** What matched and what nobody counted, of a count under review. */
function Others({ scope, count }: Parts): ReactNode {
  const matched = count.lines.filter((line) => line.outcome === "matched");
  const uncounted = count.lines.filter((line) => line.counted === null);
  return (
    <>
      <Section title="Matched" note={`${countText(matched.length)}, kept as proof`}>
        <details>
          <summary>Show what matched</summary>
          <Table<CountLine>
            caption="Lines that matched"
            rows={matched}
            keyOf={(line) => line.item}
            columns={[
              item(`/${scope.slug}`),
              {
                key: "counted",
                head: "Counted",
                align: "right",
                phone: "amount",
                cell: (line) => <Quantity of={line.expected} decimals={line.decimals} zero="figure" />,
              },
              { key: "by", head: "By", quiet: true, phone: "where", cell: (line) => line.counted?.by.join(", ") },
            ]}
          />
        </details>
      </Section>
      {uncounted.length === 0 ? null : (
        <Section title="Not counted" note={countText(uncounted.length)}>
          <Note>
            Nothing is put right of these:{" "}
            {uncounted
              .slice(0, 20)
              .map((line) => line.name)
              .join(", ")}
            {uncounted.length > 20 ? ` and ${countText(uncounted.length - 20)} more` : ""}. If none of them is there, go
            on counting and enter 0.
          </Note>
        </Section>
      )}
    </>
  );
}

function differenceColumns(scope: Scope): readonly Column<CountLine>[] {
  const year = Number(todayOf(scope).slice(0, 4));
  return [
    item(`/${scope.slug}`),
    {
      key: "counted",
      head: "Counted",
      align: "right",
      phone: "second",
      cell: (line) => <Quantity of={line.counted?.qty ?? 0n} decimals={line.decimals} zero="figure" />,
    },
    {
      key: "expected",
      head: "Expected",
      align: "right",
      cell: (line) => <Quantity of={line.expected} decimals={line.decimals} zero="figure" />,
    },
    {
      key: "difference",
      head: "Difference",
      align: "right",
      phone: "amount",
      cell: (line) => <Quantity of={line.difference} decimals={line.decimals} />,
    },
    {
      key: "worth",
      head: "At cost",
      align: "right",
      cell: (line) => <Money of={{ amountMinor: line.worthMinor, currency: scope.currency }} />,
    },
    {
      key: "reason",
      head: "Reason",
      phone: "where",
      cell: (line) => (
        <>
          <input type="hidden" name={`item.${line.place}`} value={line.item} />
          <Reason scope={scope} line={line} />
        </>
      ),
    },
    {
      key: "about",
      head: "Counted when, by whom",
      quiet: true,
      wraps: true,
      cell: (line) => (
        <>
          {line.counted === null ? null : <Day on={line.counted.on} year={year} />} {line.counted?.by.join(", ")}
          {line.during > 0 ? <span className="s"> It moved while it was counted in parts: count it again.</span> : null}
        </>
      ),
    },
  ];
}

/** Why a line differs; what came to light may be given its worth; and what the day had in store may be said to have been there. */
function Reason({ scope, line }: { scope: Scope; line: CountLine }): ReactNode {
  const way = wayOf(line.difference);
  return (
    <div className="grid gap-2">
      {line.difference === 0n ? null : (
        <SelectField
          bare
          label={`Reason for ${line.name}`}
          name={`reason.${line.place}`}
          value={line.reason ?? ""}
          options={[
            { value: "", label: "Choose" },
            ...differenceReasons[way].map((reason) => ({ value: reason, label: saysDifference(reason) })),
          ]}
        />
      )}
      {line.difference > 0n ? (
        <MoneyField
          bare
          label={`What ${line.name} found is worth in all`}
          name={`worth.${line.place}`}
          currency={scope.currency}
          value={line.typedMinor === null ? undefined : formatMinor(line.typedMinor, scope.currency)}
          placeholder={formatMinor(line.worthMinor, scope.currency)}
        />
      ) : null}
      {line.untold === 0n ? null : (
        <CheckField
          label={`Recorded later for that day: ${quantityText(line.untold, line.decimals)}. It had happened before the count.`}
          name={`day.${line.place}`}
          checked={line.takesDay}
        />
      )}
    </div>
  );
}

/** What approving it put right. */
export function Documents({ scope, count }: Parts): ReactNode {
  if (count.documents.length === 0) return null;
  const base = `/${scope.slug}`;
  const year = Number(todayOf(scope).slice(0, 4));
  return (
    <Section title="Put right" note={count.number ?? ""}>
      <Table<CountDocument>
        caption="Adjustments of the count"
        rows={count.documents}
        keyOf={(one) => one.id}
        hrefOf={(one) => adjustmentHref(base, one.id)}
        columns={[
          { key: "on", head: "Date", quiet: true, phone: "where", cell: (one) => <Day on={one.on} year={year} /> },
          {
            key: "reason",
            head: "Reason",
            rowHead: true,
            phone: "what",
            cell: (one) => {
              const reason = one.reason === null ? null : reasonOf(one.reason);
              return (
                <Fig href={adjustmentHref(base, one.id)}>{reason === null ? one.reason : saysDifference(reason)}</Fig>
              );
            },
          },
          { key: "items", head: "Products", align: "right", cell: (one) => countText(one.items) },
          ...(isLimited(scope)
            ? []
            : [
                {
                  key: "value",
                  head: "At cost",
                  align: "right",
                  phone: "amount",
                  cell: (one) => <Money of={{ amountMinor: one.valueMinor, currency: scope.currency }} zero="figure" />,
                } satisfies Column<CountDocument>,
              ]),
        ]}
      />
    </Section>
  );
}
