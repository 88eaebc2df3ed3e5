import type { ReactNode } from "react";
import { filesAbout, mostAtOnce } from "@/lib/exports/made";
import { type Format, formats } from "@/lib/exports/sheet";
import { isLimited, type Scope } from "@/lib/people/access";
import { hrefOf, type ListAddress } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { DateField } from "../../../ui/date-field.client";
import { countText } from "../../../ui/figures";
import type { Filter } from "../../../ui/filter-bar";
import { Form } from "../../../ui/form";
import { Page } from "../../../ui/page-frame";
import { Alert } from "../../../ui/section";
import { Tabs } from "../../../ui/tabs";
import { orderOf } from "../../reports/period-chip";
import { Files, isMade } from "../ledger/[...item]/files";
import { makeRegisterFile } from "./actions";
import { aboutRegister, type RegisterName, registers } from "./state";

const formatNames: Readonly<Record<Format, string>> = { csv: "CSV", xlsx: "Excel", pdf: "PDF" };

/** The frame of a register: the tabs of all of them, its files, and what of its address could not be read. */
export async function RegisterFrame({
  scope,
  register,
  address,
  rows,
  problem,
  actions,
  children,
}: {
  scope: Scope;
  register: RegisterName;
  address: ListAddress;
  /** How many rows a file of it has; null: there is none to take. */
  rows: number | null;
  problem?: string | null;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const base = `/${scope.slug}/inventory/in-stock`;
  const files = await filesAbout(scope, aboutRegister(register));
  const label = registers.find(({ name }) => name === register)?.label ?? "";
  const isMaking = files.some((file) => !isMade(file));
  return (
    <Page
      path={[
        { label: "Inventory" },
        ...(register === "stock" ? [{ label }] : [{ label: "In stock", href: base }, { label }]),
      ]}
      title={register === "stock" ? "In Stock" : label}
      actions={
        <>
          {actions}
          {rows === null
            ? null
            : formats.map((format) => {
                const href = hrefOf(`${base}/export`, address, {
                  rest: { register, format, where: null },
                  after: null,
                  before: null,
                });
                const says = `of ${countText(rows)} rows`;
                return rows <= mostAtOnce ? (
                  <ButtonLink key={format} href={href} download says={says}>
                    {formatNames[format]}
                  </ButtonLink>
                ) : (
                  <Form key={format} action={makeRegisterFile} hidden={{ asked: href.slice(href.indexOf("?") + 1) }}>
                    <Button
                      busy="Asking"
                      says={`${says}, made in the background`}
                      disabled={isMaking ? "A file of this list is being made." : undefined}
                    >
                      {formatNames[format]}
                    </Button>
                  </Form>
                );
              })}
        </>
      }
    >
      <Tabs
        label="Stock registers"
        tabs={registers
          .filter(({ name }) => !isLimited(scope) || name === "stock" || name === "summary")
          .map(({ name, label: tab, path }) => ({
            label: tab,
            href: `${base}${path}`,
            current: name === register,
          }))}
      />
      {problem ? <Alert>{problem}</Alert> : null}
      {children}
      <Files scope={scope} files={files} />
    </Page>
  );
}

/** The place between leaving and arriving, as a choice beside the others. */
export const inTransit = { id: "in-transit", name: "In transit" };

/** The chip that chooses one place; all of them without. */
export function locationChip(
  path: string,
  address: ListAddress,
  places: readonly Readonly<{ id: string; name: string }>[],
  chosen: string | undefined,
): Filter {
  return {
    name: "Location",
    value: chosen === undefined ? "all" : (places.find(({ id }) => id === chosen)?.name ?? "unknown"),
    on: chosen !== undefined,
    off: hrefOf(path, address, { filters: { location: null } }),
    choices: places.map(({ id, name }) => ({
      label: name,
      href: hrefOf(path, address, { filters: { location: id } }),
      current: id === chosen,
    })),
  };
}

/** The chip that chooses the day at whose end one looks; now without. */
export function dayChip(
  path: string,
  address: ListAddress,
  scope: Scope,
  on: string | undefined,
  today: string,
): Filter {
  return {
    name: "On",
    value: on ?? "now",
    on: on !== undefined,
    off: hrefOf(path, address, { filters: { on: null } }),
    form: (
      <form action={path} method="get" className="grid gap-2 p-3">
        {keptOf(address, ["on"]).map(([name, value]) => (
          <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
        ))}
        <DateField label="At the end of" name="on" today={today} value={on ?? today} order={orderOf(scope)} />
        <Button>Show that day</Button>
      </form>
    ),
  };
}

/** What a form of the same list keeps of its address, as pairs of name and value. */
export function keptOf(address: ListAddress, without: readonly string[]): readonly (readonly [string, string])[] {
  const pairs = Object.entries({ ...address.rest, ...address.filters }).flatMap(([name, value]) =>
    without.includes(name)
      ? []
      : (typeof value === "string" ? [value] : (value ?? [])).map((text) => [name, text] as const),
  );
  return [...pairs, ...(address.q === "" || without.includes("q") ? [] : [["q", address.q] as const])];
}
