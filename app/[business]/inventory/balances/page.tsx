import type { Metadata } from "next";
import { can } from "@/lib/people/access";
import { payingAccounts } from "@/lib/stock/purchase-reads";
import { type BusinessParams, scopeOf } from "../../../scope";
import { hrefOf, type SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { DateField, Fields, MoneyField, SelectField, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Sheet, SheetBody, SheetFoot } from "../../../ui/sheet";
import { recordByHand } from "./actions";
import { balancesState, todayOf } from "./state";
import { BalancesView } from "./view";

export const metadata: Metadata = { title: "Balances" };

export default async function Balances({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const asked = await searchParams;
  const state = balancesState(scope, asked);
  const isRecording = state.isNew && can(scope, "write");
  const accounts = isRecording ? await payingAccounts(scope) : [];
  const closeHref = hrefOf(`/${scope.slug}/inventory/balances`, state.address, { rest: { new: null } });
  return (
    <>
      <BalancesView scope={scope} searchParams={asked} />
      {isRecording ? (
        <Sheet
          title="Record a purchase"
          note="For what no bank line tells of. What was in it comes next, now or later."
          closeHref={closeHref}
        >
          <Form action={recordByHand}>
            <SheetBody>
              <Fields columns={2}>
                <DateField
                  label="When"
                  name="on"
                  today={todayOf(scope)}
                  value={todayOf(scope)}
                  order={scope.country === "US" ? "month first" : "day first"}
                />
                <MoneyField label="What was paid in all" name="amount" currency={scope.currency} />
                <TextField label="Supplier" name="supplier" maxLength={200} optional />
                <SelectField
                  label="Paid from"
                  name="account"
                  options={accounts.map(({ id, name }) => ({ value: id, label: name }))}
                />
              </Fields>
            </SheetBody>
            <SheetFoot>
              <Button kind="primary" busy="Recording">
                Record purchase
              </Button>
              <ButtonLink href={closeHref} stay>
                Close
              </ButtonLink>
            </SheetFoot>
          </Form>
        </Sheet>
      ) : null}
    </>
  );
}
