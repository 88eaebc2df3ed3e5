"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button, ButtonLink } from "../../../ui/button";
import type { Option } from "../../../ui/combobox.client";
import { EditGrid, type GridColumn, type GridRow } from "../../../ui/edit-grid.client";
import { MoneyField, TextField } from "../../../ui/field.client";
import { moneyText } from "../../../ui/figures";
import { Form, useSent } from "../../../ui/form.client";
import type { FormAction } from "../../../ui/form-state";
import { Dash } from "../../../ui/money";
import { pastedRows } from "../../../ui/paste";
import { Note, Section } from "../../../ui/section";
import { SheetBody, SheetFoot } from "../../../ui/sheet";
import { State } from "../../../ui/state";
import { Tape } from "../../../ui/tape";
import { save } from "./actions";
import { usePreview, WhatChanges } from "./preview.client";
import { Overtaken, RowTools } from "./row-tools.client";
import {
  contentOf,
  type DetailsProps,
  type ExtraRow,
  followed,
  isEmpty,
  type Rows,
  rowsOf,
  splitOver,
  withSku,
  workedOut,
} from "./rows";

type Props = Readonly<{
  details: DetailsProps;
  /** The business's word in addresses. */
  slug: string;
  locations: readonly Readonly<{ id: string; name: string }>[];
  /** Quantities may have decimals. */
  hasParts: boolean;
  closeHref: string;
  /** "Rows saved 14:31 by Dana". */
  saved: string | null;
  /** For a viewer nothing is to save. */
  mayWrite: boolean;
  extraActions?: ReactNode | undefined;
}>;

let made = 0;
function freshRow(): GridRow {
  made += 1;
  return { id: `new ${made}`, cells: {} };
}
function freshExtra(label = ""): ExtraRow {
  made += 1;
  return { id: `new extra ${made}`, label, amount: "" };
}

/** The form of Add Details. Rows are held here, so what was typed is not sent back to the fields after a refusal. */
export function DetailsEditor(props: Props) {
  const [scripted, setScripted] = useState(false);
  useEffect(() => setScripted(true), []);
  const keeping: FormAction = useCallback(async (state, data) => {
    const { values: _typed, ...answer } = await save(state, data);
    return answer;
  }, []);
  return (
    <Form action={scripted ? keeping : save} hidden={{ purchase: props.details.id }}>
      <Editor {...props} scripted={scripted} />
    </Form>
  );
}

function Editor({
  details,
  slug,
  locations,
  hasParts,
  closeHref,
  saved,
  mayWrite,
  extraActions,
  scripted,
}: Props & { scripted: boolean }) {
  const { currency } = details;
  const [held, setHeld] = useState<Rows>(() => rowsOf(details));
  /** The saved version that the rows began from: what the form says that it has seen. */
  const [seen, setSeen] = useState(details.version);
  const [isRestored, setRestored] = useState(false);
  const [isPasting, setPasting] = useState(false);
  const { sent } = useSent("");
  const router = useRouter();
  const drafts = `lotbook details ${slug} ${details.id}`;
  const begun = useMemo(() => contentOf(rowsOf(details)), [details]);
  const content = contentOf(held);
  const isDirty = content !== begun;
  const isOvertaken = seen !== details.version;
  const worked = useMemo(() => workedOut(held, details.amountMinor, currency), [held, details.amountMinor, currency]);
  const money = (amountMinor: bigint) => moneyText({ amountMinor, currency });

  const takeSaved = useCallback(() => {
    setHeld(rowsOf(details));
    setSeen(details.version);
    setRestored(false);
    sessionStorage.removeItem(drafts);
  }, [details, drafts]);

  // What was saved just now is what the rows are from here on; what somebody else saved is not.
  const answered = useRef(sent);
  const awaited = useRef(false);
  useEffect(() => {
    if (answered.current === sent) return;
    answered.current = sent;
    if (sent.done) awaited.current = true;
    if (sent.error?.code === "stale") router.refresh();
  }, [sent, router]);
  useEffect(() => {
    if (seen === details.version) return;
    if (!awaited.current && isDirty) return;
    awaited.current = false;
    takeSaved();
  }, [seen, details.version, isDirty, takeSaved]);

  // Unsaved rows outlive a reload, in this tab.
  useEffect(() => {
    const text = sessionStorage.getItem(drafts);
    if (text === null) return;
    const draft = readDraft(text);
    if (draft === null) return;
    // New ids, so that the fields are drawn anew with what they held.
    const rows = draft.rows.map((row) => ({ ...freshRow(), cells: row.cells }));
    const extras = draft.extras.map((extra) => ({ ...extra, id: freshExtra().id }));
    setHeld({ rows: [...rows, freshRow()], extras: extras.length === 0 ? [freshExtra()] : extras });
    setSeen(draft.version);
    setRestored(true);
  }, [drafts]);
  useEffect(() => {
    if (!scripted) return;
    if (!isDirty) {
      sessionStorage.removeItem(drafts);
      return;
    }
    const kept = { version: seen, rows: held.rows.filter((row) => !isEmpty(row)), extras: held.extras };
    sessionStorage.setItem(drafts, JSON.stringify(kept));
  }, [held, seen, isDirty, drafts, scripted]);

  const preview = usePreview({ slug, content, isDirty: isDirty && mayWrite, seen });

  const columns: readonly GridColumn[] = [
    {
      key: "product",
      label: "Product",
      kind: "combo",
      width: "30%",
      url: `/api/items?business=${slug}`,
      create: "New product",
      phone: 6,
    },
    { key: "sku", label: "SKU", kind: "text", width: "13%", placeholder: "SKU" },
    { key: "qty", label: "Quantity", kind: hasParts ? "text" : "quantity", width: "10%" },
    { key: "each", label: "Each", kind: "money", width: "12%", currency },
    { key: "all", label: "In all", kind: "money", width: "13%", currency },
    ...(locations.length > 1
      ? [
          {
            key: "location",
            label: "Location",
            kind: "combo" as const,
            width: "13%",
            options: locations.map(({ id, name }): Option => ({ id, label: name })),
          },
        ]
      : []),
  ];
  const setRows = (rows: readonly GridRow[]) => {
    const chosen = rows.map((row) => ({ ...row, cells: withoutStaleIds(row) }));
    const last = chosen.at(-1);
    const next = followed(held.rows, withSku(held.rows, chosen), currency);
    setHeld({ ...held, rows: last !== undefined && isEmpty(last) ? next : [...next, freshRow()] });
  };
  const setExtra = (id: string, change: Partial<ExtraRow>) => {
    const extras = held.extras.map((one) => (one.id === id ? { ...one, ...change } : one));
    setHeld({ ...held, extras });
  };
  const isOver = worked.left < 0n;
  const error = sent.error?.field === undefined ? {} : { [sent.error.field]: sent.error.message };
  const isCounting = preview.state === "counting";
  const mustLook = preview.state === "ready" && preview.answer.mustBeSeen;

  return (
    <>
      <Tape
        terms={[
          { label: details.isWithoutTax ? "Paid, without the tax set off" : "Paid", value: money(details.amountMinor) },
          { op: "−", label: "Products", value: money(worked.products) },
          { op: "−", label: "Extra costs", value: money(worked.extra) },
          {
            op: "=",
            label: isOver ? "Too much" : "Still to detail",
            value: money(worked.left),
            asked: true,
            left: worked.left !== 0n,
          },
        ]}
      />
      <SheetBody>
        <input type="hidden" name="version" value={seen} />
        <input type="hidden" name="accepted" value={preview.state === "ready" ? preview.answer.fingerprint : ""} />
        {held.rows.map((row, index) =>
          row.cells.line === undefined ? null : (
            <input key={row.id} type="hidden" name={`lines.${index}.line`} value={row.cells.line} />
          ),
        )}
        {isOvertaken ? (
          <Overtaken details={details} money={money} theirs={takeSaved} mine={() => setSeen(details.version)} />
        ) : isRestored ? (
          <Note>
            Unsaved rows of before are here again.{" "}
            <button type="button" className="btn link" onClick={takeSaved}>
              Leave them out
            </button>
          </Note>
        ) : null}
        <EditGrid
          caption="Products on this purchase"
          name="lines"
          columns={columns}
          rows={held.rows}
          onRows={setRows}
          newRow={freshRow}
          errors={error}
          tail={[
            { label: "Extra", width: "9%", cell: (row) => falls(worked.falls.get(row.id)?.extra, currency, true) },
            { label: "Lot cost", width: "11%", cell: (row) => falls(worked.falls.get(row.id)?.cost, currency, false) },
          ]}
          settled={(row) => {
            const fall = worked.falls.get(row.id);
            if (fall === undefined || row.cells.line === undefined) return null;
            const each =
              (row.cells.each ?? "") === ""
                ? `${row.cells.qty} for ${row.cells.all}`
                : `${row.cells.qty} at ${row.cells.each}`;
            return [row.cells.product, money(fall.cost), each, fall.extra === 0n ? "" : `+${money(fall.extra)} extra`];
          }}
        />
        {sent.error?.field?.startsWith("lines.") ? (
          <p className="msg bad">
            Row {Number(sent.error.field.split(".")[1]) + 1}: {sent.error.message}
          </p>
        ) : null}
        {scripted && mayWrite ? (
          <RowTools
            left={worked.left}
            money={money}
            isPasting={isPasting}
            setPasting={setPasting}
            split={(by) => setHeld({ ...held, rows: splitOver(held.rows, worked.left, by, currency) })}
            paste={(text) => {
              setRows([...held.rows.filter((row) => !isEmpty(row)), ...rowsFromText(text)]);
              setPasting(false);
            }}
          />
        ) : null}
        <Section title="Extra costs" note="tax, shipping, fees: spread over the products by value">
          {held.extras.map((extra, index) => (
            <div className="flex gap-2 mb-2" key={extra.id}>
              <span
                className="flex-1"
                onInput={(event) => setExtra(extra.id, { label: (event.target as HTMLInputElement).value })}
              >
                <TextField
                  bare
                  label={`Extra cost, row ${index + 1}`}
                  name={`extras.${index}.label`}
                  value={extra.label}
                  placeholder="Shipping"
                />
              </span>
              <span style={{ width: 140 }}>
                <MoneyField
                  bare
                  label={`Amount of extra cost ${index + 1}`}
                  name={`extras.${index}.amount`}
                  currency={currency}
                  value={extra.amount}
                  error={error[`extras.${index}.amount`]}
                  onRead={(text) => setExtra(extra.id, { amount: text })}
                />
              </span>
            </div>
          ))}
          {scripted && mayWrite ? (
            <button
              type="button"
              className="btn link"
              onClick={() => setHeld({ ...held, extras: [...held.extras, freshExtra()] })}
            >
              Add an extra cost
            </button>
          ) : null}
          {worked.extra > 0n && worked.falls.size > 0 ? (
            <Note small>
              {money(worked.extra)} falls as{" "}
              {[...worked.falls.values()]
                .slice(0, 12)
                .map((one) => money(one.extra))
                .join(", ")}
              {worked.falls.size > 12 ? " and so on" : ""}.
            </Note>
          ) : null}
        </Section>
        <WhatChanges preview={preview} slug={slug} />
      </SheetBody>
      <SheetFoot
        end={
          isDirty ? (
            <State kind="waiting">Not saved yet</State>
          ) : saved === null ? undefined : (
            <State kind="done">{saved}</State>
          )
        }
      >
        {mayWrite ? (
          <Button
            kind="primary"
            busy="Saving"
            disabled={
              isOver
                ? `The rows come to ${money(-worked.left)} too much`
                : isOvertaken
                  ? "Choose whose rows stay first"
                  : isCounting
                    ? "Counting what it changes"
                    : undefined
            }
          >
            {mustLook
              ? "Save, and move these costs"
              : worked.left === 0n
                ? "Save, nothing left"
                : `Save, ${money(worked.left)} left`}
          </Button>
        ) : null}
        <ButtonLink href={closeHref} stay>
          Close
        </ButtonLink>
        {extraActions}
      </SheetFoot>
    </>
  );
}

/** An item that was chosen belongs to its name; the SKU of a chosen one is filled, when the list said it. */
function withoutStaleIds(row: GridRow): Readonly<Record<string, string>> {
  const { cells } = row;
  return (cells.product ?? "") === "" && (cells.productId ?? "") !== "" ? { ...cells, productId: "" } : cells;
}

function falls(amountMinor: bigint | undefined, currency: string, plus: boolean): ReactNode {
  if (amountMinor === undefined) return null;
  if (amountMinor === 0n) return <Dash />;
  return <span className={plus ? "q" : undefined}>{moneyText({ amountMinor, currency }, { plus })}</span>;
}

/** Rows of a spreadsheet: product, SKU, quantity, each, in all. A head row is left out. */
function rowsFromText(text: string): readonly GridRow[] {
  const keys = ["product", "sku", "qty", "each", "all"];
  return pastedRows(text)
    .filter((cells, at) => at > 0 || !/^(product|item|name|title|description)$/i.test(cells[0] ?? ""))
    .map((cells) => ({
      ...freshRow(),
      cells: Object.fromEntries(keys.flatMap((key, at) => (cells[at] === undefined ? [] : [[key, cells[at]]]))),
    }));
}

function readDraft(text: string): { version: number; rows: readonly GridRow[]; extras: readonly ExtraRow[] } | null {
  try {
    const draft: unknown = JSON.parse(text);
    if (
      typeof draft !== "object" ||
      draft === null ||
      !("rows" in draft) ||
      !("extras" in draft) ||
      !("version" in draft)
    )
      return null;
    if (!Array.isArray(draft.rows) || !Array.isArray(draft.extras) || typeof draft.version !== "number") return null;
    return { version: draft.version, rows: draft.rows as GridRow[], extras: draft.extras as ExtraRow[] };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
