import type { Metadata } from "next";
import { headers } from "next/headers";
import { businessesOf } from "@/lib/people/access";
import { signOutNow } from "../(auth)/actions";
import { personOrSignIn } from "../scope";
import { Brand } from "../ui/brand";
import { Button } from "../ui/button";
import { Fields, FormActions, SelectField, TextField } from "../ui/field";
import { Form } from "../ui/form";
import { TextLink } from "../ui/link";
import { lookAtDemo, startBusiness } from "./actions";
import { GuessTimeZone } from "./guess.client";
import { countries, currencies, likelyFrom, months, timeZones } from "./places";

export const metadata: Metadata = { title: "Your business" };

/** The first business after sign-up, or one more. */
export default async function Start() {
  const person = await personOrSignIn();
  const known = await businessesOf(person.id);
  const likely = likelyFrom((await headers()).get("accept-language"));
  return (
    <div className="mx-auto max-w-[560px] px-5 pb-16">
      <header className="flex items-center justify-between py-6">
        <Brand href="/" />
        <form action={signOutNow}>
          <Button kind="quiet">Sign out</Button>
        </form>
      </header>
      <main>
        <h1>{known.length === 0 ? "Your business" : "One more business"}</h1>
        <p className="q mt-2 mb-6">
          {known.length === 0
            ? "These five are all that Lotbook must know before it can begin. The country and the currency stay; the rest can be changed."
            : "It has books, a team and channels of its own."}
        </p>
        <Form action={startBusiness}>
          <Fields columns={2}>
            <TextField label="Name" name="name" autoComplete="organization" maxLength={120} large all />
            <SelectField label="Country" name="country" options={countries()} value={likely.country} large />
            <SelectField
              label="Currency of the books"
              name="currency"
              options={currencies()}
              value={likely.currency}
              large
            />
            <SelectField
              label="Time zone"
              name="timeZone"
              options={timeZones()}
              value={likely.timeZone}
              hint="Decides on which day a sale falls."
              large
            />
            <SelectField
              label="The tax year starts on"
              name="taxYearStartMonth"
              options={months()}
              value={likely.taxYearStartMonth}
              large
            />
          </Fields>
          <GuessTimeZone name="timeZone" unless={likely.timeZone} />
          <FormActions>
            <Button kind="primary" large busy="Making the books">
              Begin the books
            </Button>
          </FormActions>
        </Form>
        {known.some(({ isDemo }) => isDemo) ? null : (
          <Form action={lookAtDemo} className="mt-8 border-rule border-t pt-5">
            <h2>Or look at the demo first</h2>
            <p className="q mt-1 mb-3">
              A shop with a year of trade: purchases, orders, fees, returns and payouts. It is yours alone, and goes
              with one press.
            </p>
            <Button busy="Loading a year of trade">Open the demo</Button>
          </Form>
        )}
        {known.length > 0 ? (
          <p className="note mt-6">
            Or go to{" "}
            {known.map((business, i) => (
              <span key={business.slug}>
                {i > 0 ? ", " : ""}
                <TextLink href={`/${business.slug}`}>{business.name}</TextLink>
              </span>
            ))}
            .
          </p>
        ) : null}
      </main>
    </div>
  );
}
