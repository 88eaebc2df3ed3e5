"use client";

import NextLink from "next/link";
import { createContext, type ReactNode, useContext, useState } from "react";
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

/**
 * What a row is. Pressed, it becomes a select in place that files the row when it is changed; without script it leads to the row's page.
 */
export function CategoryCell({
  seen,
  payee,
  says,
  value,
  isOpen,
  href,
  mayWrite,
}: {
  seen: string;
  payee: string;
  says: string;
  value: string;
  isOpen: boolean;
  href: string;
  mayWrite: boolean;
}) {
  const groups = useContext(Choices);
  const [isEditing, setEditing] = useState(false);
  if (!mayWrite) return <span className="q">{says}</span>;
  if (isEditing)
    return (
      <Form action={sort} hidden={{ t: seen, was: value }}>
        <select
          className="in"
          name="as"
          aria-label={`What ${payee} is`}
          defaultValue={value}
          ref={(node) => node?.focus()}
          onChange={(event) => event.currentTarget.form?.requestSubmit()}
          onBlur={() => setEditing(false)}
          onKeyDown={(event) => (event.key === "Escape" ? setEditing(false) : undefined)}
        >
          <option value="open">Not categorised</option>
          <GroupedOptions groups={groups} />
        </select>
      </Form>
    );
  const begin = (event: React.MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
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
