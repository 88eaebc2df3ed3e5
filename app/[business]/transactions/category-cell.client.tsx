"use client";

import NextLink from "next/link";
import { createContext, type ReactNode, useContext, useRef, useState } from "react";
import { Form } from "../../ui/form";
import { Tag } from "../../ui/tag";
import { sort } from "./actions";
import type { ChoiceGroup } from "./words";

const Choices = createContext<readonly ChoiceGroup[]>([]);

/** What every row's select offers, sent to the browser once. */
export function CategoryChoices({ groups, children }: { groups: readonly ChoiceGroup[]; children: ReactNode }) {
  return <Choices value={groups}>{children}</Choices>;
}

/** The options of a select, in their groups. */
export function GroupedOptions({ groups, empty }: { groups: readonly ChoiceGroup[]; empty?: string | undefined }) {
  return (
    <>
      {empty === undefined ? null : <option value="">{empty}</option>}
      {groups.map((group) => (
        <optgroup key={group.label} label={group.label}>
          {group.choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  );
}

/** The id of the one form that files a single row: it stands outside the table, so that its answer outlives the row. */
const formId = "file-one";

/** The form behind every row's select. Place it over the table: what is refused is said there. */
export function FileOne() {
  return (
    <Form action={sort} id={formId}>
      <input type="hidden" name="t" />
      <input type="hidden" name="was" />
      <input type="hidden" name="as" />
    </Form>
  );
}

function file(values: Readonly<Record<string, string>>): void {
  const form = document.getElementById(formId);
  if (!(form instanceof HTMLFormElement)) return;
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
  form.requestSubmit();
}

/**
 * What a row is. Pressed, it becomes a select in place that files the row when it is changed; without script it leads to the row's page.
 */
export function CategoryCell({
  seen,
  payee,
  says,
  value,
  isOpen,
  cameIn,
  href,
  mayWrite,
}: {
  seen: string;
  payee: string;
  says: string;
  value: string;
  isOpen: boolean;
  /** Money that came in is no purchase. */
  cameIn: boolean;
  href: string;
  mayWrite: boolean;
}) {
  const groups = useContext(Choices);
  const [isEditing, setEditing] = useState(false);
  // Arrows change a closed select at each press: by keyboard it is filed on Enter or on leaving, not at the first arrow.
  const byKeys = useRef(false);
  const leave = (select: HTMLSelectElement) => {
    if (select.value !== value) file({ t: seen, was: value, as: select.value });
    setEditing(false);
  };
  if (!mayWrite) return <span className="q">{says}</span>;
  if (isEditing)
    return (
      <select
        className="in"
        aria-label={`What ${payee} is`}
        defaultValue={value}
        ref={(node) => node?.focus()}
        onPointerDown={() => {
          byKeys.current = false;
        }}
        onChange={(event) => {
          if (!byKeys.current) leave(event.currentTarget);
        }}
        onBlur={(event) => (byKeys.current ? leave(event.currentTarget) : setEditing(false))}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            byKeys.current = false;
            setEditing(false);
          } else if (event.key === "Enter" && byKeys.current) {
            event.preventDefault();
            byKeys.current = false;
            leave(event.currentTarget);
          } else byKeys.current = event.key !== "Enter" && event.key !== " ";
        }}
      >
        <option value="open">Not categorised</option>
        <GroupedOptions groups={cameIn ? groups.filter((group) => group.label !== "Inventory") : groups} />
      </select>
    );
  const begin = (event: React.MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    byKeys.current = false;
    setEditing(true);
  };
  return (
    <span onClickCapture={begin}>
      {isOpen ? (
        <Tag href={href} says={payee}>
          Categorise
        </Tag>
      ) : (
        <NextLink className="fig" href={href} prefetch={false}>
          {says}
          <span className="vh">, change what {payee} is</span>
        </NextLink>
      )}
    </span>
  );
}
