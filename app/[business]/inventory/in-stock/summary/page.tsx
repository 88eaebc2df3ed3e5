import type { Metadata } from "next";
import { addDays } from "@/lib/core/dates";
import { isLimited } from "@/lib/people/access";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { type Beside, type Figure, movementSummary, type SummaryRow, type Term, terms } from "@/lib/stock/summary";
import { type BusinessParams, stockScopeOf } from "../../../../scope";
import { hrefOf, type SearchParams, sortOf } from "../../../../ui/address";
import { dayText } from "../../../../ui/days";
import { moneyText } from "../../../../ui/figures";
import { Money, Quantity } from "../../../../ui/money";
import { Note, Section } from "../../../../ui/section";
import { type Column, Table } from "../../../../ui/table";
import { Tape } from "../../../../ui/tape";
import { daysText } from "../../../reports/period";
import { periodChip } from "../../../reports/period-chip";
import { inTransit, locationChip, RegisterFrame } from "../frame";
import { itemColumns } from "../item-columns";
import { QuantityWorth, RegisterBar, RegisterEmpty, RegisterPager } from "../list-parts";
import { itemHref, registerState } from "../state";

export const metadata: Metadata = { title: "Movement summary" };

const heads: Readonly<Record<Term, string>> = {
  beginning: "Beginning",
  added: "Added",
  deducted: "Deducted",
  sold: "Sold",
  back: "Refunds",
  movedIn: "Moved in",
  movedOut: "Moved out",
  ending: "Ending",
};

/** What each item began a period with, what happened to it and what it ended with; held against the accounts. */
export default async function MovementSummary({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const { address, asked, chosen, today, problem } = registerState(scope, "summary", await searchParams);
  const { register: _, ...filter } = asked;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/in-stock/summary`;
  const [page, places] = await Promise.all([
    movementSummary(scope, filter, { after: address.after, before: address.before }),
    locationsOf(scope),
  ]);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const { totals, isWorthKnown } = page;
  const signed: Readonly<Record<Term, "+" | "−" | "=" | undefined>> = {
    beginning: undefined,
    added: "+",
    deducted: "−",
    sold: "−",
    back: "+",
    movedIn: "+",
    movedOut: "−",
    ending: "=",
  };
  const ledger = (row: SummaryRow, term?: Term) => {
    const days = { from: asked.period.from, to: asked.period.to };
    const type = term === "sold" ? "sale" : term === "movedIn" || term === "movedOut" ? "transfer" : undefined;
    return itemHref(base, row.id, {
      ...(term === "beginning" ? { to: addDays(days.from, -1) } : days),
      location: asked.location,
      ...(type === undefined ? {} : { type }),
    });
  };
  const worth = (figure: Figure) => (isWorthKnown ? money(figure.minor) : null);
  const columns: readonly Column<SummaryRow>[] = [
    ...itemColumns<SummaryRow>(path, address, (row) => ledger(row)),
    ...terms.map(
      (term): Column<SummaryRow> => ({
        key: term,
        head: heads[term],
        align: "right",
        ruled: term === "ending",
        phone: term === "ending" ? "amount" : undefined,
        sort: sortOf(path, address, term, true),
        cell: (row) => <QuantityWorth qty={row[term].qty} decimals={row.decimals} worth={worth(row[term])} />,
      }),
    ),
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          {terms
            .filter((term) => term !== "ending" && row[term].qty !== 0n)
            .map((term, i) => (
              <span key={term}>
                {i > 0 ? " · " : ""}
                {heads[term].toLowerCase()} <Quantity of={row[term].qty} decimals={row.decimals} />
              </span>
            ))}
        </>
      ),
    },
  ];
  return (
    <RegisterFrame scope={scope} register="summary" address={address} rows={page.items} problem={problem}>
      {isWorthKnown ? (
        <Tape
          terms={terms
            .filter((term) => (term !== "movedIn" && term !== "movedOut") || asked.location !== undefined)
            .map((term) => ({
              label:
                term === "beginning"
                  ? `On ${dayText(asked.period.from)}`
                  : term === "ending"
                    ? `At the end of ${dayText(asked.period.to)}`
                    : heads[term],
              value: <Money of={money(totals[term].minor)} zero="figure" />,
              op: signed[term],
              asked: term === "ending",
              proved: term === "ending" && page.proof !== null && page.proof.ending.other === 0n,
            }))}
        />
      ) : isLimited(scope) ? null : (
        <Note>Costs are those of all places, so the quantities of one place have no worth of their own.</Note>
      )}
      <Table<SummaryRow>
        caption={`What moved, ${daysText(asked.period)}`}
        columns={columns}
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => ledger(row)}
        bar={
          <RegisterBar
            path={path}
            address={address}
            items={page.items}
            filters={[
              periodChip(path, address, chosen, scope, today),
              locationChip(path, address, isLimited(scope) ? places : [...places, inTransit], asked.location),
              {
                name: "Show",
                value: asked.isWhole === true ? "all items" : "what moved or is there",
                on: asked.isWhole === true,
                href: hrefOf(path, address, { filters: { whole: "yes" } }),
                off: hrefOf(path, address, { filters: { whole: null } }),
              },
            ]}
          />
        }
        totals={{
          label: "All of these",
          span: 2,
          figures: Object.fromEntries(
            terms.map((term) => [
              term,
              <QuantityWorth
                key={term}
                qty={page.isWhole ? totals[term].qty : null}
                worth={worth(totals[term])}
                zero="figure"
              />,
            ]),
          ),
        }}
        empty={
          <RegisterEmpty
            path={path}
            isFiltered={asked.q !== "" || asked.location !== undefined}
            says="Nothing was on hand and nothing moved on these days. Choose other days above."
          />
        }
      />
      <RegisterPager path={path} address={address} page={page} />
      {isLimited(scope) ? null : page.proof === null ? (
        <Note>
          The accounts know all items at all places together: take the filters off to hold the totals against them.
        </Note>
      ) : (
        <Section title="Held against the accounts">
          <ul className="grid gap-1">
            <Against
              what={`Inventory at the end of ${dayText(addDays(asked.period.from, -1))}`}
              of={page.proof.beginning}
              money={(of) => moneyText(money(of))}
            />
            <Against
              what={`Inventory at the end of ${dayText(asked.period.to)}`}
              of={page.proof.ending}
              money={(of) => moneyText(money(of))}
            />
            <Against
              what="Cost of goods sold, sold less refunds"
              of={page.proof.cost}
              money={(of) => moneyText(money(of))}
            />
          </ul>
        </Section>
      )}
    </RegisterFrame>
  );
}

/** Says that an account has what the items come to, or by how much it does not, and why. */
function Against({ what, of, money }: { what: string; of: Beside; money: (of: bigint) => string }) {
  const parts = [
    of.toDetail === 0n ? null : `${money(of.toDetail)} of purchases still to detail`,
    of.writtenOff === 0n ? null : `${money(of.writtenOff)} of returned goods written off to shrinkage`,
    of.other === 0n
      ? null
      : `${money(of.other)} posted on another day than it happened, because a period was closed, or of sold lines that are no item yet`,
  ].filter((part) => part !== null);
  return (
    <li>
      {what}: <b className="n">{money(of.account)}</b> in the accounts,{" "}
      {parts.length === 0 ? (
        "the same as here, to the cent."
      ) : (
        <>
          <b className="n">{money(of.items)}</b> here; the difference is {parts.join(" and ")}.
        </>
      )}
    </li>
  );
}
