import type { ReactNode } from "react";
import { lookAtDemo } from "../start/actions";
import { Button, ButtonLink } from "../ui/button";
import { Empty } from "../ui/empty";
import { Form } from "../ui/form";

type Step = Readonly<{ title: string; says: string; action: ReactNode }>;

/** What an empty business is shown in place of figures: the ways to begin. */
export function FirstSteps({
  base,
  has,
  mayWrite,
  mayConnect,
  isDemo,
}: {
  base: string;
  has: Readonly<{ channels: boolean }>;
  mayWrite: boolean;
  mayConnect: boolean;
  isDemo: boolean;
}) {
  if (!mayWrite)
    return <Empty title="Nothing is in the books yet">What others record here appears on this page.</Empty>;
  const steps: readonly Step[] = [
    {
      title: "Import a statement",
      says: "OFX, QFX, QIF, CAMT.053, MT940 or CSV of any bank or card. You see every row before it is in, and any import can be undone.",
      action: (
        <ButtonLink kind="primary" href={`${base}/transactions/import`}>
          Import a statement
        </ButtonLink>
      ),
    },
    {
      title: has.channels ? "Bring in your sales" : "Connect a channel",
      says: "Orders, fees, refunds and payouts: from the files of eBay, Etsy, Amazon and Shopify, or by themselves from a connected channel.",
      action: (
        <ButtonLink
          href={`${base}/channels`}
          disabled={mayConnect ? undefined : "Owners and bookkeepers connect channels"}
        >
          {has.channels ? "Go to the channels" : "Connect a channel"}
        </ButtonLink>
      ),
    },
    {
      title: "Record a purchase",
      says: "What you bought to sell, and what was paid for it. From then on each sale finds its cost by itself.",
      action: <ButtonLink href={`${base}/inventory/balances?new=purchase`}>Record a purchase</ButtonLink>,
    },
  ];
  const demo: Step = {
    title: "Look at the demo",
    says: "A shop with a year of trade, in books of its own. It is yours alone, and goes with one press.",
    action: (
      <Form action={lookAtDemo}>
        <Button busy="Loading a year of trade">Open the demo</Button>
      </Form>
    ),
  };
  return (
    <ol className="border-rule-2 border-t">
      {(isDemo ? steps : [...steps, demo]).map(({ title, says, action }) => (
        <li
          key={title}
          className="flex flex-wrap items-center justify-between gap-x-8 gap-y-3 border-rule border-b py-5"
        >
          <div className="max-w-[560px]">
            <h2>{title}</h2>
            <p className="q mt-1">{says}</p>
          </div>
          {action}
        </li>
      ))}
    </ol>
  );
}
