import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { type Import, importOf, sameFile } from "@/lib/money/imports";
import { moneyAccounts } from "@/lib/money/money-accounts";
import { can, type Scope } from "@/lib/people/access";
import { kindOf, listChannels } from "@/lib/sales/channels";
import { type Run, runsAbout } from "@/lib/system/runs";
import { Button } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { CheckField } from "../../../ui/field";
import { countText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { TextLink } from "../../../ui/link";
import { Page } from "../../../ui/page-frame";
import { Progress } from "../../../ui/progress";
import { Alert, Note, Section } from "../../../ui/section";
import { Tape } from "../../../ui/tape";
import { accept, discard, stop } from "./actions";
import { AccountForm, ChannelForm, DoubtfulForm, LayoutForm, SalesForm } from "./choices";
import { FirstRows, Payouts, Problems, Says, Types } from "./contents";

const places = { bank: "transactions", channel: "channels" } as const;

async function found(scope: Scope, id: string): Promise<Import> {
  try {
    return await importOf(scope, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}

/** A file from its preview to what became of it: what is in it, what is asked, and the one button that brings it into the books. */
export async function ImportPreview({ scope, id }: { scope: Scope; id: string }) {
  const one = await found(scope, id);
  const base = `/${scope.slug}/${places[one.kind]}`;
  const [run] = await runsAbout(scope, { job: ["acceptImport"], about: id, limit: 1 });
  const { result } = one;
  return (
    <Page
      path={[
        { label: one.kind === "bank" ? "Transactions" : "Channels", href: base },
        { label: "Import", href: `${base}/import` },
        { label: one.fileName },
      ]}
      title={one.fileName}
      note={<Kind one={one} />}
    >
      <Tape
        terms={[
          { label: one.state === "accepted" ? "Came in" : "New", value: countText(result.new), asked: true },
          { label: "Already here", value: countText(result.already) },
          { label: "Doubtful", value: countText(result.doubtful), left: result.doubtful > 0 },
          {
            label: "Rows",
            value: countText(result.rows),
            sub: result.read < result.rows ? `${countText(result.rows - result.read)} not understood` : undefined,
          },
          ...(result.from === null
            ? []
            : [
                {
                  label: "Days",
                  text: true,
                  value: (
                    <>
                      <Day on={result.from} /> to <Day on={result.through ?? result.from} />
                    </>
                  ),
                },
              ]),
        ]}
      />
      <State scope={scope} one={one} run={run ?? null} base={base} />
      <Says scope={scope} one={one} />
      {one.state === "preview" && can(scope, "write") ? <Asked scope={scope} one={one} /> : null}
      <Problems one={one} href={`/${scope.slug}/transactions/import/${one.id}/problems`} />
      <FirstRows scope={scope} one={one} />
      <Types one={one} />
      <Payouts one={one} />
    </Page>
  );
}

function Kind({ one }: { one: Import }) {
  const names: Readonly<Record<string, string>> = {
    "bank-csv": "A bank’s CSV",
    ofx: "OFX",
    qif: "QIF",
    mt940: "MT940",
    camt053: "CAMT.053",
  };
  const { kind, channel, encoding } = one.result;
  const what = names[kind] ?? (channel === null ? kind : `${kindOf(channel).manifest.name}, ${kind}`);
  return `${what}, read as ${encoding}`;
}

/** Where the file stands, and what can be done with it next. */
async function State({ scope, one, run, base }: { scope: Scope; one: Import; run: Run | null; base: string }) {
  if (one.state === "preview") return <AcceptIt scope={scope} one={one} run={run} />;
  if (one.state === "accepting" && run !== null)
    return (
      <Progress
        title={`${one.fileName} comes in`}
        what="rows"
        since="you can leave this page; it goes on"
        now={{ done: run.done, total: run.total, note: run.note ?? "", state: run.state }}
        live={`/api/runs/${run.id}/events?business=${encodeURIComponent(scope.slug)}`}
        actions={
          can(scope, "write") ? (
            <Form action={stop} hidden={{ run: run.id }}>
              <Button kind="link" busy="Stopping">
                Stop
              </Button>
            </Form>
          ) : undefined
        }
      />
    );
  if (one.state === "accepted")
    return (
      <div className="mt-4">
        <Note>
          {countText(one.result.new)} came in, {countText(one.result.already)} were here already.{" "}
          <TextLink
            href={
              one.kind === "bank" ? `${base}?import=${one.id}` : `${base}/${encodeURIComponent(one.channelId ?? "")}`
            }
          >
            {one.kind === "bank" ? "See its transactions" : "See the channel"}
          </TextLink>
          {can(scope, "write") ? (
            <>
              {" · "}
              <TextLink href={`${base}/import/${one.id}/take-back`}>Take the file back</TextLink>
            </>
          ) : null}
        </Note>
      </div>
    );
  return (
    <div className="mt-4">
      <Note>
        {one.state === "undone" ? "This file was taken back. " : "This file was thrown away. "}
        <TextLink href={`${base}/import`}>Bring a file in</TextLink>
      </Note>
    </div>
  );
}

async function AcceptIt({ scope, one, run }: { scope: Scope; one: Import; run: Run | null }) {
  const { result } = one;
  const isForeign = result.problems[0]?.code === "unknown_currency" && result.accepted === false;
  const hasDoubts = (one.choices.layout?.doubts.length ?? 0) > 0;
  const before = await sameFile(scope, one);
  const reason = isForeign
    ? "It is in another currency"
    : hasDoubts
      ? "Say first how it is to be read"
      : !can(scope, "write")
        ? "Your role may not change the books"
        : undefined;
  return (
    <div className="mt-4 max-w-[640px]">
      {run?.state === "failed" ? <Alert>It stopped: {run.note} Accept it again; it goes on where it was.</Alert> : null}
      {before.length > 0 ? (
        <Note>This very file came in before. What is here already is not brought twice.</Note>
      ) : null}
      <Form action={accept} hidden={{ id: one.id }}>
        {result.agrees === false && !isForeign ? (
          <CheckField
            label="Take it though it does not agree with itself"
            name="takesAnyway"
            hint="Look at what it says of itself below first."
          />
        ) : null}
        <div className="actions mt-2">
          <Button kind="primary" busy="Bringing in" disabled={reason}>
            {result.new === 0 ? "Accept, nothing new" : `Bring in ${countText(result.new)} new`}
          </Button>
        </div>
        {reason === undefined ? null : <p className="q s mt-2">{reason}.</p>}
      </Form>
      {can(scope, "write") ? (
        <Form action={discard} hidden={{ id: one.id }} className="mt-2">
          <Button kind="quiet" busy="Throwing away">
            Throw the file away
          </Button>
        </Form>
      ) : null}
    </div>
  );
}

/** What a person may choose before the file comes in. */
async function Asked({ scope, one }: { scope: Scope; one: Import }) {
  if (one.kind === "channel") {
    const channels = (await listChannels(scope)).filter((channel) => channel.kind === one.result.channel);
    return (
      <>
        <Section title="Which channel it is of">
          <ChannelForm one={one} channels={channels} />
        </Section>
        {one.choices.sales == null ? null : (
          <Section title="What its columns are" note="Kept for files with the same columns once you accept">
            <SalesForm one={one} sales={one.choices.sales} />
          </Section>
        )}
      </>
    );
  }
  return (
    <>
      <Section title={one.choices.accounts.length === 1 ? "Which account it is of" : "Which accounts it is of"}>
        <AccountForm one={one} accounts={await moneyAccounts(scope)} />
      </Section>
      {one.choices.layout === null ? null : (
        <Section title="How its columns are read" note="Kept for this bank’s files once you accept">
          <LayoutForm one={one} layout={one.choices.layout} />
        </Section>
      )}
      {one.result.doubtful > 0 ? (
        <Section title="Doubtful rows" note="A line of the same day and amount is here already, in other words">
          <DoubtfulForm one={one} />
        </Section>
      ) : null}
    </>
  );
}
