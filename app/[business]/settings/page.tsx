import type { Metadata } from "next";
import { costingSettings } from "@/lib/desk/costing-settings";
import { can } from "@/lib/people/access";
import { hasPassword } from "@/lib/people/passwords";
import { type BusinessParams, personOrSignIn, scopeOf } from "../../scope";
import { months, timeZones } from "../../start/places";
import { Button } from "../../ui/button";
import { Fields, FormActions, RadioField, SelectField, TextField } from "../../ui/field";
import { Form } from "../../ui/form";
import { Note, Section } from "../../ui/section";
import { saveBusiness, saveCosting, throwAway } from "./actions";
import { SettingsArea } from "./area";
import { LowStockMail } from "./low-stock";
import { ReasonAccounts } from "./reasons";

export const metadata: Metadata = { title: "Settings" };

export default async function BusinessSettings({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  const person = await personOrSignIn();
  const locked = can(scope, "settings") ? undefined : "Only an owner changes the settings";
  const asksPassword = !scope.isDemo && (await hasPassword(person.id));
  const costing = await costingSettings(scope);
  const country = new Intl.DisplayNames("en", { type: "region" }).of(scope.country) ?? scope.country;
  return (
    <SettingsArea scope={scope} at="business">
      <Section title="The business" first>
        <div className="max-w-[640px]">
          <Form action={saveBusiness}>
            <Fields columns={2}>
              <TextField label="Name" name="name" value={scope.name} maxLength={120} disabled={locked} all />
              <SelectField
                label="Time zone"
                name="timeZone"
                options={timeZones()}
                value={scope.timeZone}
                disabled={locked}
                hint={locked ?? "Decides on which day a sale falls; what is recorded keeps its day."}
              />
              <SelectField
                label="The tax year starts on"
                name="taxYearStartMonth"
                options={months()}
                value={String(scope.taxYearStartMonth)}
                disabled={locked}
              />
            </Fields>
            {locked === undefined ? (
              <FormActions>
                <Button kind="primary" busy="Saving">
                  Save
                </Button>
              </FormActions>
            ) : null}
          </Form>
          <div className="h-3" />
          <Note>
            The books are kept in {scope.currency}, in {country}, at the address <b>/{scope.slug}</b>. These stay as
            they are.
          </Note>
        </div>
      </Section>
      <Section
        title="Where a sale's cost comes from"
        note="a change works out all costs again; what moves is shown first"
      >
        <div className="max-w-[640px]">
          <Form action={saveCosting}>
            <Fields>
              <RadioField
                label="The oldest lot"
                name="pool"
                value={costing.pool}
                options={[
                  {
                    value: "business",
                    label: "of all places: what is moved keeps its place in the line",
                    disabled: locked,
                  },
                  {
                    value: "location",
                    label: "of the place it was sold from: what is moved takes its lots and their costs along",
                    disabled: locked,
                  },
                ]}
              />
              <TextField
                label="Sold before bought, days"
                name="graceDays"
                value={String(costing.graceDays)}
                maxLength={3}
                disabled={locked}
                hint={
                  locked ??
                  "A sale may take its cost from what was bought or found at most so many days later. 0: never."
                }
              />
            </Fields>
            {locked === undefined ? (
              <FormActions>
                <Button kind="primary" busy="Working it out">
                  Save
                </Button>
              </FormActions>
            ) : null}
          </Form>
        </div>
      </Section>
      <ReasonAccounts scope={scope} />
      <LowStockMail scope={scope} />
      {can(scope, "remove") && !scope.isDemo ? (
        <Section title="Throw this business away">
          <div className="max-w-[640px]">
            <p className="q mb-3">
              All its books, files and channels go, for everybody in the team. There is no way back: take your data away
              first.
            </p>
            <Form action={throwAway}>
              <Fields columns={2}>
                <TextField label={`To be sure, type its name: ${scope.name}`} name="name" all />
                {asksPassword ? (
                  <TextField label="Your password" name="password" type="password" autoComplete="current-password" />
                ) : null}
              </Fields>
              <FormActions>
                <Button kind="destructive" busy="Throwing away">
                  Throw away for good
                </Button>
              </FormActions>
            </Form>
          </div>
        </Section>
      ) : null}
    </SettingsArea>
  );
}
