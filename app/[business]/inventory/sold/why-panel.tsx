import type { ReactNode } from "react";
import { can, type Scope } from "@/lib/people/access";
import type { WhyLot, WhyMatch, Why as WhyOf } from "@/lib/sales/why";
import { Button } from "../../../ui/button";
import { Day, Moment } from "../../../ui/date";
import { moneyText, quantityText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { TextLink } from "../../../ui/link";
import { Why } from "../../../ui/provenance";
import { detailsHref, ledgerHref } from "../balances/state";
import { OpenedLot } from "../lots/opened";
import { cameIn, lotHref } from "../lots/state";
import { takeBack } from "./actions";
import { CorrectionSays, historyHref } from "./corrections";
import { costsHref, matchHref } from "./state";

/** Why this cost? Under a sold line, and on the page of its order. */
export function WhyPanel({ scope, why }: { scope: Scope; why: WhyOf }) {
  const { line, lots, match, postings, returns } = why;
  const base = `/${scope.slug}`;
  const text = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  const units = (value: bigint) => quantityText(value, line.decimals);
  const mayWrite = can(scope, "write");
  const choices = lots.filter(
    (lot, at) => lot.choice !== null && lots.findIndex((one) => one.choice?.key === lot.choice?.key) === at,
  );
  const title = line.cost === null ? "Why no cost?" : `Why ${text(line.cost)}?`;
  return (
    <Why
      title={title}
      reason={reasonOf(why, units)}
      lots={lots.map((lot) => ({
        key: lot.key,
        says: (
          <>
            {lotSays(scope, base, lot, text, units)}
            <OpenedLot scope={scope} lot={lot.lot} opened={why.opened} />
          </>
        ),
        before: lot.before,
        taken: lot.taken,
        left: lot.left,
        cost: text(lot.takenMinor),
        decimals: line.decimals,
      }))}
      after={
        <>
          <p>
            {matchSays(scope, base, match, line.name)}{" "}
            {mayWrite ? (
              <TextLink href={matchHref(base, [line.id])}>
                {match.item === null ? "Choose item" : "Choose another item"}
              </TextLink>
            ) : null}
          </p>
          {mayWrite && match.hand !== null ? (
            <Form action={takeBack} hidden={{ key: match.hand.key }}>
              <Button busy="Taking back" says={`that ${line.name} is ${match.name}`}>
                Take back the choice of item{match.hand.isOwn ? "" : " for its listing"}
              </Button>
            </Form>
          ) : null}
          {returns.map((back) => (
            <p key={back.id}>
              {units(back.qty)} came back on <Day on={back.on} />, {text(back.amount)} was given back:{" "}
              {back.fate === "restocked"
                ? `on the shelf again, with ${text(back.cost)} of the cost.`
                : back.fate === "written off"
                  ? `written off, with ${text(back.cost)} of the cost.`
                  : back.fate === "kept"
                    ? "the buyer kept it, so its cost stays."
                    : "nobody has said yet where it is."}
            </p>
          ))}
          {postings.first.length === 0 ? (
            <p>No cost was posted for it yet.</p>
          ) : (
            <p>
              {postings.first.map((entry, index) => (
                <span key={entry.id}>
                  {index === 0 ? "First posted on " : ", and on "}
                  <Day on={entry.postedOn} />: {text(entry.change)}
                </span>
              ))}
              .{" "}
              {postings.correctionCount === 0
                ? "Nothing changed since."
                : `Changed ${postings.correctionCount === 1 ? "once" : `${postings.correctionCount} times`} since:`}{" "}
              <TextLink href={historyHref(base, line.id)}>All that was posted</TextLink>
            </p>
          )}
          {postings.corrections.length > 0 ? (
            <ul>
              {postings.corrections.map((entry) => (
                <li key={entry.id}>
                  <CorrectionSays scope={scope} entry={entry} />
                </li>
              ))}
            </ul>
          ) : null}
          {why.isCut ? <p>More went into it than is shown here: each lot has a page of its own.</p> : null}
          {mayWrite && (choices.length > 0 || line.shortQty > 0n) ? (
            <div className="mt-2 flex gap-2 flex-wrap items-center">
              {choices.map((lot) =>
                lot.choice === null ? null : (
                  <Form key={lot.choice.key} action={takeBack} hidden={{ key: lot.choice.key }}>
                    <Button busy="Taking back" says={`the cost of ${text(lot.takenMinor)} for ${line.name}`}>
                      Take back {text(lot.takenMinor)}
                    </Button>
                  </Form>
                ),
              )}
              {line.shortQty > 0n ? <TextLink href={costsHref(base, [line.id])}>Add costs</TextLink> : null}
            </div>
          ) : null}
        </>
      }
    />
  );
}

function reasonOf({ line, lots }: WhyOf, units: (value: bigint) => string): string {
  const chosen = lots.filter((lot) => lot.choice !== null);
  const said = chosen.length > 0 && chosen.length === lots.length;
  const taken =
    lots.length === 0
      ? ""
      : said
        ? chosen.every((lot) => lot.source === "backfill")
          ? "It is what was said that was paid for it."
          : "From the lots that were chosen for it."
        : chosen.length > 0
          ? "What was chosen for it first, the rest from the oldest lots."
          : lots.length === 1
            ? "The oldest lot that had something left when it was sold."
            : `The ${lots.length} oldest lots that had something left when it was sold.`;
  if (line.shortQty === 0n) return taken === "" ? "What was sold came back before it had a cost." : taken;
  const short = line.shortQty === line.qty ? "" : `${units(line.shortQty)} of ${units(line.qty)}: `;
  const missing =
    line.item === null ? "it is no known item yet, so it has no cost." : "no lot covers it, so it has no cost yet.";
  const sentence = `${short}${missing}`;
  return `${taken} ${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`.trim();
}

function lotSays(
  scope: Scope,
  base: string,
  lot: WhyLot,
  text: (amount: bigint) => string,
  units: (value: bigint) => string,
): ReactNode {
  const extra = lot.costMinor - lot.amountMinor;
  const parts =
    extra === 0n
      ? ""
      : ` (${text(lot.amountMinor)} and ${text(extra)} of ${lot.extras.join(", ").toLowerCase() || "extra cost"})`;
  const who = lot.choice === null ? null : (lot.choice.who ?? "Lotbook itself");
  return (
    <>
      {lot.purchase === null ? (
        <b>{lot.source === "backfill" ? "Not in the books before" : "Lot"}</b>
      ) : (
        <TextLink href={detailsHref(base, lot.purchase)}>{lot.number}</TextLink>
      )}{" "}
      {cameIn(lot.source)} <Day on={lot.on} />
      {lot.supplier === "" ? "" : `, ${lot.supplier}`}:{" "}
      <TextLink href={lotHref(base, lot.lot)}>
        {units(lot.qty)} for {text(lot.costMinor)}
      </TextLink>
      {parts}
      {lot.choice === null ? null : (
        <>
          . Chosen by {who}, <Moment at={lot.choice.at} timeZone={scope.timeZone} />
        </>
      )}
    </>
  );
}

function matchSays(scope: Scope, base: string, match: WhyMatch, name: string): ReactNode {
  if (match.item === null || match.by === null)
    return match.candidates >= 2
      ? `It could be ${match.candidates} items: “${name}” fits each of them.`
      : `No item has this SKU or the name “${name}”.`;
  const item = (
    <TextLink href={ledgerHref(base, match.item)}>
      {match.name}
      {match.sku === null ? "" : `, ${match.sku}`}
    </TextLink>
  );
  const hand =
    match.hand === null ? null : (
      <>
        {" "}
        by {match.hand.who ?? "Lotbook itself"}, <Moment at={match.hand.at} timeZone={scope.timeZone} />
      </>
    );
  switch (match.by) {
    case "hand":
      return (
        <>
          It is {item}: chosen by hand{hand}.{" "}
        </>
      );
    case "listing":
      return (
        <>
          It is {item}: its listing was {match.hand === null ? "matched by an earlier sale" : <>chosen by hand{hand}</>}
          .{" "}
        </>
      );
    case "sku":
      return <>It is {item}: it has that SKU. </>;
    default:
      return <>It is {item}: it has that name. </>;
  }
}
