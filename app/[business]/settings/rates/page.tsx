import type { Metadata } from "next";
import { type FetchState, fetchState } from "@/lib/money/rate-fetches";
import { rateFilesOf, type TakenFile, type WaitingFile } from "@/lib/money/rate-files";
import { listRates, metCurrencies, missingRates, type RateRow } from "@/lib/money/rates";
import { can, type Scope } from "@/lib/people/access";
import { readCursor } from "@/lib/sales/keyset";
import { todayOf } from "@/lib/system/clock";
import { type BusinessParams, scopeOf } from "../../../scope";
import { filterOf, hrefOf, type SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { Day, Moment } from "../../../ui/date";
import { dayText } from "../../../ui/days";
import { Empty } from "../../../ui/empty";
import { DateField, Fields, FormActions, RadioField, TextField } from "../../../ui/field";
import { type Filter, FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Form } from "../../../ui/form";
import { TextLink } from "../../../ui/link";
import { Pager } from "../../../ui/pager";
import { Alert, Note, Section, Warn } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { keysetLinks } from "../../keyset-links";
import { orderOf } from "../../reports/period-chip";
import { refusedMessage } from "../../transactions/import/refused";
import { SettingsArea } from "../area";
import { dropRate, fetchRatesNow, takeFileBack, typeRate } from "./actions";
import { MissingRates } from "./missing";
import { type RatesState, ratesState } from "./state";

export const metadata: Metadata = { title: "Exchange rates" };

/** What other currencies are worth: what is missing first, then all that is known, and the three ways in. */
export default async function ExchangeRates({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const asked = await searchParams;
  const state = ratesState(scope, asked);
  const { address, filter, problem } = state;
  const page = { after: readCursor(address.after), before: readCursor(address.before) };
  const [missing, list, met, files, fetching, refused] = await Promise.all([
    missingRates(scope),
    listRates(scope, filter, page),
    metCurrencies(scope),
    rateFilesOf(scope),
    fetchState(scope),
    refusedMessage(asked.refused),
  ]);
  const here = `/${scope.slug}/settings/rates`;
  const may = can(scope, "write");
  const kept = Object.fromEntries(Object.keys(address.filters).map((name) => [name, filterOf(address, name) ?? ""]));
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <SettingsArea scope={scope} at="rates">
      {missing.length === 0 ? null : <MissingRates scope={scope} missing={missing} may={may} />}
      <Section
        title="Rates"
        note={`what one unit is worth in ${scope.currency}`}
        more={
          <span className="flex flex-wrap items-center gap-3">
            <ListSearch action={here} value={address.q} kept={kept} placeholder="A currency or a day" />
            <ButtonLink href={hrefOf(`${here}/export`, address, { after: null, before: null })} download>
              CSV
            </ButtonLink>
          </span>
        }
        first={missing.length === 0}
      >
        {problem === null ? null : <Alert>{problem}</Alert>}
        <Table<RateRow>
          caption="Rates, the latest day first"
          bar={<FilterBar filters={filtersOf(here, state, met, scope)} end="Latest day first" />}
          rows={list.rows}
          keyOf={(row) => `${row.currency}-${row.on}`}
          columns={[
            { key: "on", head: "Day", phone: "amount", cell: (row) => <Day on={row.on} /> },
            { key: "currency", head: "Currency", rowHead: true, phone: "what", cell: (row) => row.currency },
            { key: "rate", head: `In ${scope.currency}`, align: "right", phone: "second", cell: (row) => row.rate },
            { key: "source", head: "Source", phone: "where", clips: true, cell: (row) => row.source },
            {
              key: "at",
              head: "Recorded",
              low: true,
              cell: (row) => <Moment at={row.recordedAt} timeZone={scope.timeZone} />,
            },
            {
              key: "act",
              head: "Action",
              headHidden: true,
              align: "right",
              phone: "full",
              cell: (row) =>
                may ? (
                  <Form action={dropRate} hidden={{ currency: row.currency, on: row.on }}>
                    <Button kind="link" busy="Removing" says={`${row.currency} of ${dayText(row.on)}`}>
                      Remove
                    </Button>
                  </Form>
                ) : null,
            },
          ]}
          empty={
            isFiltered ? (
              <Empty title="No rate is like this" actions={<ButtonLink href={here}>Show all rates</ButtonLink>}>
                Take a filter off, or look for another currency.
              </Empty>
            ) : (
              <Empty title="No rates yet">
                They are needed once a channel says its amounts in another currency than {scope.currency}: type one
                below, or bring a central bank&apos;s file.
              </Empty>
            )
          }
        />
        <Pager
          says={`${list.rows.length} ${list.rows.length === 1 ? "rate" : "rates"}`}
          {...keysetLinks(here, address, list)}
        />
        <Note small>
          A day without a rate of its own takes the last one of the seven days before. What is posted keeps the rate
          that it was recorded at, whatever is changed here.
        </Note>
      </Section>
      {may ? <TypeRate scope={scope} /> : null}
      <FromFile scope={scope} files={files.taken} waiting={may ? files.waiting : null} refused={refused} may={may} />
      <Fetched scope={scope} state={fetching} may={may && met.length > 0} />
    </SettingsArea>
  );
}

function filtersOf(here: string, { address, filter }: RatesState, met: readonly string[], scope: Scope): Filter[] {
  const to = (filters: Readonly<Record<string, string | null>>) => hrefOf(here, address, { filters });
  const { currency, from, to: through } = filter;
  const today = todayOf(scope.timeZone);
  return [
    {
      name: "Currency",
      value: currency ?? "all",
      on: currency !== undefined,
      off: to({ currency: null }),
      choices: met.map((one) => ({ label: one, href: to({ currency: one }), current: one === currency })),
    },
    {
      name: "Days",
      value:
        from === undefined
          ? through === undefined
            ? "all"
            : `until ${dayText(through)}`
          : through === undefined
            ? `from ${dayText(from)}`
            : `${dayText(from)} to ${dayText(through)}`,
      on: from !== undefined || through !== undefined,
      off: to({ from: null, to: null }),
      form: (
        <form action={here} method="get" className="grid gap-2 p-3">
          {currency === undefined ? null : <input type="hidden" name="currency" value={currency} />}
          <DateField label="From" name="from" today={today} value={from} order={orderOf(scope)} optional />
          <DateField label="To" name="to" today={today} value={through} order={orderOf(scope)} optional />
          <Button>Show these days</Button>
        </form>
      ),
    },
  ];
}

function TypeRate({ scope }: { scope: Scope }) {
  return (
    <Section title="Type a rate" note="or change the one of that day">
      <div className="max-w-[640px]">
        <Form action={typeRate}>
          <Fields columns={3}>
            <TextField label="Currency" name="currency" maxLength={3} placeholder="EUR" />
            <DateField label="Day" name="on" today={todayOf(scope.timeZone)} order={orderOf(scope)} />
            <TextField label="Rate" name="rate" inputMode="decimal" align="right" maxLength={40} placeholder="1.0834" />
          </Fields>
          <Fields>
            <RadioField
              label="The rate is"
              name="direction"
              value="worth"
              options={[
                { value: "worth", label: `what one unit is worth in ${scope.currency}` },
                { value: "buys", label: `how many units one ${scope.currency} buys` },
              ]}
            />
          </Fields>
          <FormActions>
            <Button kind="primary" busy="Saving">
              Save the rate
            </Button>
          </FormActions>
        </Form>
      </div>
    </Section>
  );
}

function FromFile({
  scope,
  files,
  waiting,
  refused,
  may,
}: {
  scope: Scope;
  files: readonly TakenFile[];
  waiting: WaitingFile | null;
  refused: string | null;
  may: boolean;
}) {
  return (
    <Section title="From a file" note="a central bank's history, or a list of day, currency and rate">
      {refused === null ? null : (
        <div className="mb-4">
          <Alert>{refused}</Alert>
        </div>
      )}
      {may ? (
        <form
          action={`/${scope.slug}/settings/rates/upload`}
          method="post"
          encType="multipart/form-data"
          className="max-w-[640px]"
        >
          <label className="lbl" htmlFor="rates-file">
            The file
          </label>
          <input className="in" id="rates-file" type="file" name="file" required accept=".csv,.tsv,.txt,.xml" />
          <p className="q s mt-2">
            The European Central Bank&apos;s eurofxref-hist.csv is read as it is. You see what is in it before anything
            is taken. At most 8 MB.
          </p>
          <div className="actions mt-4">
            <Button kind="primary">Preview the file</Button>
          </div>
        </form>
      ) : null}
      {waiting === null ? null : (
        <p className="q mt-4">
          <TextLink href={`/${scope.slug}/settings/rates/${waiting.id}`}>{waiting.fileName}</TextLink> waits at its
          preview.
        </p>
      )}
      {files.length === 0 ? null : (
        <div className="mt-4">
          <Table<TakenFile>
            caption="Files whose rates were taken"
            rows={files}
            keyOf={(row) => row.id}
            columns={[
              { key: "name", head: "File", rowHead: true, phone: "what", clips: true, cell: (row) => row.fileName },
              {
                key: "at",
                head: "Taken",
                phone: "amount",
                cell: (row) => <Moment at={row.acceptedAt} timeZone={scope.timeZone} />,
              },
              {
                key: "what",
                head: "Rates",
                phone: "where",
                wraps: true,
                cell: ({ result }) =>
                  `${result.added} new, ${result.changed} changed, ${result.kept} left (${result.currencies.join(", ")})`,
              },
              {
                key: "act",
                head: "Action",
                headHidden: true,
                align: "right",
                phone: "second",
                cell: (row) =>
                  may ? (
                    <Form action={takeFileBack} hidden={{ id: row.id }}>
                      <Button kind="link" busy="Taking back" says={row.fileName}>
                        Take back
                      </Button>
                    </Form>
                  ) : null,
              },
            ]}
          />
        </div>
      )}
    </Section>
  );
}

function Fetched({ scope, state, may }: { scope: Scope; state: FetchState; may: boolean }) {
  const { provider, fetchedAt, triedAt, nextAt, error } = state;
  const at = (moment: string) => <Moment at={moment} timeZone={scope.timeZone} />;
  return (
    <Section title="Fetched by themselves">
      {provider === null ? (
        <Note>No provider is set up here: whoever runs this installation sets EXCHANGE_RATES_URL.</Note>
      ) : (
        <div className="grid max-w-[640px] gap-3">
          {error === null ? null : (
            <Warn>
              {provider} could not be read: {error}
              {nextAt === null ? null : <>. It is asked again {at(nextAt)}.</>}
            </Warn>
          )}
          <Note>
            {fetchedAt === null ? (
              <>{provider} was not read yet; it is asked as soon as a channel names another currency.</>
            ) : (
              <>
                From {provider}, last read {at(fetchedAt)}
                {triedAt === null || triedAt === fetchedAt ? null : <>, tried {at(triedAt)}</>}.
              </>
            )}
          </Note>
          {may ? (
            <Form action={fetchRatesNow}>
              <Button busy="Asking">Fetch now</Button>
            </Form>
          ) : null}
        </div>
      )}
    </Section>
  );
}
