import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { formatRate, parseRate } from "@/lib/core/rates";
import { type CurrencyOfFile, previewRateFile, type RateFilePreview } from "@/lib/money/rate-files";
import { can, type Scope } from "@/lib/people/access";
import { todayOf } from "@/lib/system/clock";
import { scopeOf } from "../../../../scope";
import { Button, ButtonLink } from "../../../../ui/button";
import { dayText } from "../../../../ui/days";
import { CheckField, DateField, Fields, FormActions, RadioField, SelectField } from "../../../../ui/field";
import { countText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { Note, Section, Warn } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { orderOf } from "../../../reports/period-chip";
import { SettingsArea } from "../../area";
import { chooseLayout, takeFile } from "../actions";

export const metadata: Metadata = { title: "File of exchange rates" };

/** What a file of rates holds, before anything of it is taken. */
export default async function RateFile({ params }: { params: Promise<Readonly<{ business: string; file: string }>> }) {
  const scope = await scopeOf(params);
  if (!can(scope, "write")) notFound();
  const file = await previewed(scope, (await params).file);
  const back = `/${scope.slug}/settings/rates`;
  const isOpen = file.state === "preview";
  return (
    <SettingsArea scope={scope} at="rates">
      <Section
        title={file.fileName}
        note={file.kind === "ecb" ? "a central bank's table: what one euro buys" : "a list of day, currency and rate"}
        more={<ButtonLink href={back}>Back to the rates</ButtonLink>}
        first
      >
        {isOpen ? null : <Note>This file was dealt with already. Bring it once more to take others of its rates.</Note>}
        {file.kind === "list" && isOpen ? <Layout scope={scope} file={file} /> : null}
        <Problems file={file} />
        <Currencies scope={scope} file={file} isOpen={isOpen} />
      </Section>
      {file.differing.length === 0 ? null : <Differing scope={scope} file={file} />}
    </SettingsArea>
  );
}

async function previewed(scope: Scope, id: string): Promise<RateFilePreview> {
  try {
    return await previewRateFile(scope, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}

function Layout({ scope, file }: { scope: Scope; file: RateFilePreview }) {
  const { layout, said, doubts } = file;
  const [first] = file.currencies;
  // The last rate of the file's first currency, as it would be read either way round.
  const turned = first === undefined ? null : turnedRound(first.last);
  const [worth, buys] = layout.direction === "worth" ? [first?.last, turned] : [turned, first?.last];
  const example = (rate: string | null | undefined) =>
    first === undefined || rate == null ? "" : ` (1 ${first.currency} = ${rate} ${scope.currency})`;
  return (
    <div className="mb-4 max-w-[640px]">
      {doubts.length === 0 ? null : (
        <div className="mb-3">
          <Warn>
            {doubts.includes("direction") ? "Say which way round the rates are. " : ""}
            {doubts.includes("date style") ? "Its days can be read in two ways: say which." : ""}
          </Warn>
        </div>
      )}
      <Form action={chooseLayout} hidden={{ id: file.id }}>
        <Fields>
          <RadioField
            label="Each rate is"
            name="direction"
            value={said.direction ?? undefined}
            options={[
              { value: "worth", label: `what one unit is worth in ${scope.currency}${example(worth)}` },
              { value: "buys", label: `how many units one ${scope.currency} buys${example(buys)}` },
            ]}
          />
        </Fields>
        <Fields columns={2}>
          <SelectField
            label="Decimals are written"
            name="decimalMark"
            value={said.decimalMark ?? ""}
            options={[
              { value: "", label: `As they look: with a ${layout.decimalMark === "," ? "comma" : "point"}` },
              { value: ".", label: "With a point: 1.0834" },
              { value: ",", label: "With a comma: 1,0834" },
            ]}
          />
          <SelectField
            label="Days are written"
            name="dateStyle"
            value={said.dateStyle ?? ""}
            options={[
              { value: "", label: "As they look" },
              { value: "ymd", label: "Year first: 2026-11-14" },
              { value: "dmy", label: "Day first: 14/11/2026" },
              { value: "mdy", label: "Month first: 11/14/2026" },
            ]}
          />
        </Fields>
        <FormActions>
          <Button busy="Reading">Read it so</Button>
        </FormActions>
      </Form>
    </div>
  );
}

/** The rate the other way round; null where that is too large or too small to be kept. */
function turnedRound(rate: string): string | null {
  try {
    return formatRate(parseRate(rate, "buys"));
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function Problems({ file }: { file: RateFilePreview }) {
  if (file.problems.length === 0) return null;
  return (
    <div className="mb-4">
      <Warn>
        {file.problemCount === 1 ? "One thing is" : `${countText(file.problemCount)} things are`} left out:
        {file.problems.slice(0, 10).map(({ message }) => (
          <span className="block" key={message}>
            {message}
          </span>
        ))}
        {file.problemCount > 10 ? <span className="block">and {countText(file.problemCount - 10)} more.</span> : null}
      </Warn>
    </div>
  );
}

function Currencies({ scope, file, isOpen }: { scope: Scope; file: RateFilePreview; isOpen: boolean }) {
  const hasMet = file.currencies.some(({ isMet }) => isMet);
  const table = (
    <Table<CurrencyOfFile>
      caption="Currencies of the file, those that your channels use first"
      rows={file.currencies}
      keyOf={({ currency }) => currency}
      columns={[
        {
          key: "currency",
          head: "Currency",
          rowHead: true,
          phone: "what",
          cell: ({ currency, isMet }) =>
            isOpen ? (
              <CheckField
                label={isMet ? `${currency}, which you use` : currency}
                name="currencies"
                value={currency}
                checked={hasMet ? isMet : file.currencies.length === 1}
              />
            ) : (
              currency
            ),
        },
        {
          key: "days",
          head: "Days",
          phone: "where",
          cell: ({ from, through }) => (from === through ? dayText(from) : `${dayText(from)} to ${dayText(through)}`),
        },
        { key: "count", head: "Rates", align: "right", phone: "amount", cell: ({ count }) => countText(count) },
        { key: "fresh", head: "New", align: "right", low: true, cell: ({ fresh }) => countText(fresh) },
        { key: "already", head: "Here already", align: "right", low: true, cell: ({ already }) => countText(already) },
        { key: "differs", head: "Differ", align: "right", low: true, cell: ({ differs }) => countText(differs) },
        { key: "last", head: `Last, in ${scope.currency}`, align: "right", phone: "second", cell: ({ last }) => last },
      ]}
    />
  );
  if (!isOpen) return table;
  const differ = file.currencies.reduce((sum, { differs }) => sum + differs, 0);
  return (
    <Form action={takeFile} hidden={{ id: file.id }}>
      {table}
      <div className="mt-4 max-w-[640px]">
        <Fields>
          <DateField
            label="From this day on"
            name="from"
            today={todayOf(scope.timeZone)}
            order={orderOf(scope)}
            hint="Left empty, all days are taken."
            optional
          />
          {differ === 0 ? null : (
            <CheckField
              label={`Put the file's rates in the place of the ${countText(differ)} that differ`}
              name="replaces"
              hint="What is posted stays as it is, and taking the file back brings the earlier rates back."
            />
          )}
        </Fields>
        <FormActions>
          <Button kind="primary" busy="Taking them">
            Take the chosen currencies
          </Button>
        </FormActions>
      </div>
    </Form>
  );
}

function Differing({ scope, file }: { scope: Scope; file: RateFilePreview }) {
  return (
    <Section title="What differs from what is here" note="the first fifty">
      <Table<RateFilePreview["differing"][number]>
        caption="Rates that differ"
        rows={file.differing}
        keyOf={({ currency, on }) => `${currency}-${on}`}
        columns={[
          { key: "on", head: "Day", phone: "amount", cell: ({ on }) => dayText(on) },
          { key: "currency", head: "Currency", rowHead: true, phone: "what", cell: ({ currency }) => currency },
          {
            key: "here",
            head: `Here, in ${scope.currency}`,
            align: "right",
            phone: "second",
            cell: ({ here, source }) => `${here} (${source})`,
          },
          { key: "file", head: "In the file", align: "right", phone: "where", cell: (row) => row.file },
        ]}
      />
    </Section>
  );
}
