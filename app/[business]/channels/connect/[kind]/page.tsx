import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { can } from "@/lib/people/access";
import { channelKinds, listChannels } from "@/lib/sales/channels";
import { redirectUriOf } from "@/lib/sales/connect";
import { questionsOf } from "@/lib/sales/connected";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Button, ButtonLink } from "../../../../ui/button";
import { CheckField, DateField, Fields, FormActions, SelectField, TextField } from "../../../../ui/field";
import { Form } from "../../../../ui/form";
import { Page } from "../../../../ui/page-frame";
import { Note, Section } from "../../../../ui/section";
import { todayOf } from "../../../sales/state";
import { connectWith } from "../../actions";
import { fieldOf } from "../fields";

export const metadata: Metadata = { title: "Connect a channel" };

type Params = Promise<Readonly<{ business: string; kind: string }>>;

/** What must be known before a channel can be connected: its own questions, from when on, and which channel here it goes on with. */
export default async function ConnectKind({
  params,
  searchParams,
}: {
  params: Params;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params as BusinessParams);
  const { kind } = await params;
  const found = channelKinds().find((one) => one.kind === kind);
  if (found === undefined || found.connect === "file" || !can(scope, "connect")) notFound();
  const [{ asks }, channels, { channel }] = await Promise.all([questionsOf(kind), listChannels(scope), searchParams]);
  const again = channels.find((one) => one.id === channel && one.kind === kind);
  const byFiles = channels.filter((one) => one.kind === kind && one.state === "file");
  const all = `/${scope.slug}/channels`;
  return (
    <Page
      path={[
        { label: "Channels", href: all },
        { label: "Connect a channel", href: `${all}/connect` },
        { label: found.name },
      ]}
      title={again === undefined ? `Connect ${found.name}` : `Connect ${again.name} again`}
      note="Nothing that you sell is changed: Lotbook only reads."
    >
      {found.missing.length > 0 ? (
        <Missing name={found.name} kind={kind} missing={found.missing} here={`${all}/connect`} />
      ) : (
        <Section title={asks.length === 0 ? "Before you sign in" : "What Lotbook must know"} first>
          <div className="max-w-xl">
            <Form action={connectWith} hidden={{ kind }} {...(found.connect === "oauth" ? { quiet: true } : {})}>
              <Fields columns={1}>
                {asks.map((ask) =>
                  ask.choices === undefined ? (
                    <TextField
                      key={ask.name}
                      name={fieldOf(ask)}
                      label={ask.label}
                      hint={ask.hint}
                      maxLength={500}
                      type={ask.isSecret ? "password" : "text"}
                      autoComplete="off"
                    />
                  ) : (
                    <SelectField
                      key={ask.name}
                      name={fieldOf(ask)}
                      label={ask.label}
                      hint={ask.hint}
                      options={ask.choices}
                      value={ask.choices[0]?.value}
                    />
                  ),
                )}
                {again === undefined ? (
                  <DateField
                    name="since"
                    today={todayOf(scope)}
                    label="Begin with"
                    hint="Nothing that was sold before this day is fetched. Leave it empty for all that there is."
                  />
                ) : null}
                {again === undefined && byFiles.length > 0 ? (
                  <SelectField
                    name="into"
                    label="Its files are in the books already"
                    hint="What came by file and comes again by itself is then the same order, and is in the books once."
                    options={[
                      ...byFiles.map((one) => ({ value: one.id, label: `Goes on with ${one.name}` })),
                      { value: "", label: "Another account: a channel of its own" },
                    ]}
                    value={byFiles[0]?.id}
                  />
                ) : null}
                {again === undefined ? (
                  <CheckField
                    name="looks"
                    label="Try it first"
                    hint="Everything is fetched and shown with what it would post. Nothing reaches your books until you say so."
                  />
                ) : null}
              </Fields>
              <FormActions>
                <Button kind="primary" busy={found.connect === "oauth" ? "Opening" : "Trying the keys"}>
                  {found.connect === "oauth" ? `Go on to ${found.name}` : "Connect"}
                </Button>
                <ButtonLink href={all}>Cancel</ButtonLink>
              </FormActions>
            </Form>
          </div>
          <div className="mt-3">
            <Note small>
              {found.connect === "oauth"
                ? `You sign in at ${found.name} itself and allow it there; Lotbook never sees your password.`
                : "The keys are kept encrypted, and are destroyed when you disconnect."}
            </Note>
          </div>
        </Section>
      )}
    </Page>
  );
}

/** Plain steps to the keys that this installation lacks. */
function Missing({
  name,
  kind,
  missing,
  here,
}: {
  name: string;
  kind: string;
  missing: readonly string[];
  here: string;
}) {
  return (
    <Section title={`${name} needs keys of this installation`} first>
      <ol>
        <li>
          1. Make an app at {name} for developers, with this address to come back to: {redirectUriOf(kind)}
        </li>
        <li>2. Put what it gives you into the file .env beside Lotbook:</li>
      </ol>
      <ul className="mt-2">
        {missing.map((one) => (
          <li key={one}>
            <span className="n">{one}</span>
          </li>
        ))}
      </ul>
      <ol start={3} className="mt-2">
        <li>3. Start Lotbook again and come back to this page.</li>
      </ol>
      <div className="mt-3">
        <Note small>
          The steps for each channel are in its README, under integrations/{kind}. Until then bring its files, or try
          the practice channel, which needs no keys.
        </Note>
      </div>
      <div className="mt-4">
        <ButtonLink href={here}>All channels</ButtonLink>
      </div>
    </Section>
  );
}
