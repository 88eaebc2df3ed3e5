import NextLink from "next/link";
import type { ReactNode } from "react";
import { classes } from "./classes";
import { Menu } from "./menu.client";
import { SearchIcon } from "./search-icon";

export type FilterChoice = Readonly<{ label: ReactNode; href: string; current?: boolean | undefined }>;

/**
 * One chip, `Name value`. With `href` it turns the filter on or off; with `choices` or `form` it opens a small menu. Set ones (`on`) are
 * bottle; a set one with `off` (the address without it) has a × or, in a menu, a row that takes it off.
 */
export type Filter = Readonly<{
  name: string;
  value: ReactNode;
  on?: boolean | undefined;
  href?: string | undefined;
  off?: string | undefined;
  choices?: readonly FilterChoice[] | undefined;
  /** A form (GET) for what is typed: dates, words, amounts. */
  form?: ReactNode | undefined;
}>;

/** The chips over a list; the address holds them all. At right the count and the order. On phones one scrolling line. */
export function FilterBar({ filters, end }: { filters: readonly Filter[]; end?: ReactNode | undefined }) {
  const menus = filters.filter((filter) => filter.choices || filter.form);
  return (
    <div className="bar">
      {filters.map((filter) => (
        <Chip key={filter.name} filter={filter} />
      ))}
      {menus.length > 1 ? (
        <Menu className="chip-menu only-s" summary="All filters" all>
          {menus.map((filter) => (
            <div key={filter.name}>
              <h3>{filter.name}</h3>
              <Choices filter={filter} />
            </div>
          ))}
        </Menu>
      ) : null}
      {end ? <span className="end">{end}</span> : null}
    </div>
  );
}

function Chip({ filter }: { filter: Filter }) {
  const words = (
    <>
      {filter.name} <b>{filter.value}</b>
    </>
  );
  if (filter.choices || filter.form)
    return (
      <Menu className={classes("chip-menu", filter.on && "on")} summary={words}>
        <Choices filter={filter} />
      </Menu>
    );
  return (
    <NextLink
      className={classes("chip", filter.on && "on")}
      href={(filter.on ? filter.off : undefined) ?? filter.href ?? "#"}
      scroll={false}
      prefetch={false}
    >
      {words}
      {filter.on ? (
        <>
          <span className="off" aria-hidden="true">
            ×
          </span>
          <span className="vh">, set; take it off</span>
        </>
      ) : null}
    </NextLink>
  );
}

function Choices({ filter }: { filter: Filter }) {
  return (
    <>
      {filter.choices?.map((choice) => (
        <NextLink
          key={choice.href}
          href={choice.href}
          aria-current={choice.current ? "true" : undefined}
          scroll={false}
          prefetch={false}
        >
          {choice.label}
        </NextLink>
      ))}
      {filter.form}
      {filter.on && filter.off ? (
        <>
          <hr />
          <NextLink href={filter.off} scroll={false} prefetch={false}>
            Take this filter off
          </NextLink>
        </>
      ) : null}
    </>
  );
}

/** The search words of a list, as a form of the same address. `kept` are the other parameters. */
export function ListSearch({
  action,
  value,
  kept = {},
  placeholder,
}: {
  action: string;
  value: string;
  kept?: Readonly<Record<string, string>> | undefined;
  placeholder: string;
}) {
  return (
    <search>
      <form action={action} method="get" className="find">
        {Object.entries(kept).map(([name, one]) => (
          <input key={name} type="hidden" name={name} value={one} />
        ))}
        <SearchIcon />
        <input
          className="in"
          type="search"
          name="q"
          defaultValue={value}
          placeholder={placeholder}
          aria-label={placeholder}
        />
      </form>
    </search>
  );
}
