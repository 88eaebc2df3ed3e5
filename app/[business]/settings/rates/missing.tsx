/** What documents wait for, one line for each currency and span of days, each with the form that ends the wait for its first days. */
import type { Span } from "@/lib/core/rates";
import type { Scope } from "@/lib/people/access";
import { Button } from "../../../ui/button";
import { dayText } from "../../../ui/days";
import { TextField } from "../../../ui/field";
import { countText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Note, Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { typeRate } from "./actions";

export function MissingRates({ scope, missing, may }: { scope: Scope; missing: readonly Span[]; may: boolean }) {
  return (
    <Section title="Rates that are missing" note="these documents wait, and are read as soon as there is a rate" first>
      <Table<Span>
        caption="Currencies and days without a rate"
        rows={missing}
        keyOf={({ currency, from }) => `${currency}-${from}`}
        columns={[
          { key: "currency", head: "Currency", rowHead: true, phone: "what", cell: ({ currency }) => currency },
          {
            key: "days",
            head: "Days",
            phone: "where",
            cell: ({ from, through }) => (from === through ? dayText(from) : `${dayText(from)} to ${dayText(through)}`),
          },
          {
            key: "count",
            head: "Documents",
            align: "right",
            phone: "amount",
            cell: ({ count }) => countText(count),
          },
          {
            key: "rate",
            head: `Worth of one unit in ${scope.currency}`,
            phone: "full",
            align: "right",
            cell: ({ currency, from }) =>
              may ? (
                <Form action={typeRate} hidden={{ currency, on: from, direction: "worth" }}>
                  <span className="flex flex-wrap items-center justify-end gap-2">
                    <span className="q">on {dayText(from)}</span>
                    <span className="w-28">
                      <TextField
                        label={`Rate of ${currency} on ${dayText(from)}`}
                        name="rate"
                        inputMode="decimal"
                        align="right"
                        maxLength={40}
                        bare
                      />
                    </span>
                    <Button busy="Saving" says={`the rate of ${currency} on ${dayText(from)}`}>
                      Save
                    </Button>
                  </span>
                </Form>
              ) : null,
          },
        ]}
      />
      <Note small>
        A rate counts for its day and the seven after it. For many days bring a file below: the European Central
        Bank&apos;s history has them all.
      </Note>
    </Section>
  );
}
