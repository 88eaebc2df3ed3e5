import NextLink from "next/link";
import type { ReactNode } from "react";
import { BusyButton } from "./busy.client";
import { classes } from "./classes";

/** One primary a view; destructive is never filled but in the dialog that confirms (`filled`); link stands in rows. */
export type ButtonKind = "primary" | "plain" | "quiet" | "destructive" | "filled" | "link";

const kinds: Record<ButtonKind, string> = {
  primary: "btn pri",
  plain: "btn",
  quiet: "btn quiet",
  destructive: "btn bad",
  filled: "btn bad fill",
  link: "btn link",
};

type Look = {
  kind?: ButtonKind | undefined;
  /** 40 px high: sign-in and the one step of a page. */
  large?: boolean | undefined;
  wide?: boolean | undefined;
  className?: string | undefined;
};

/** The classes of a button, for what must be another element (a summary, a label). */
export function buttonClass({ kind = "plain", large, wide, className }: Look): string | undefined {
  return classes(kinds[kind], large && "lg", wide && "wide", className);
}

/**
 * A button that submits. `busy` is its -ing word ("Saving") and makes it show that it is at work. `disabled` is the reason why it
 * cannot be pressed, in words; say it in text nearby too.
 */
export function Button({
  children,
  busy,
  disabled,
  says,
  name,
  value,
  form,
  formAction,
  type = "submit",
  always,
  ...look
}: Look & {
  children: ReactNode;
  busy?: ReactNode | undefined;
  disabled?: string | undefined;
  says?: string | undefined;
  name?: string | undefined;
  value?: string | undefined;
  form?: string | undefined;
  formAction?: string | ((data: FormData) => void | Promise<void>) | undefined;
  type?: "submit" | "button" | "reset" | undefined;
  always?: boolean | undefined;
}) {
  const text = (
    <>
      {children}
      {says ? <span className="vh"> {says}</span> : null}
    </>
  );
  if (disabled !== undefined)
    return (
      <button type="button" className={buttonClass(look)} disabled title={disabled}>
        {text}
      </button>
    );
  if (busy === undefined)
    return (
      <button
        type={type}
        className={buttonClass(look)}
        name={name}
        value={value}
        form={form}
        formAction={formAction as ((data: FormData) => void) | undefined}
      >
        {text}
      </button>
    );
  return (
    <BusyButton
      className={buttonClass(look)}
      busy={busy}
      name={name}
      value={value}
      form={form}
      formAction={formAction}
      always={always}
    >
      {text}
    </BusyButton>
  );
}

/** A link that looks like a button: it goes somewhere. `download` for exports; `disabled` draws it as one that leads nowhere now. */
export function ButtonLink({
  href,
  children,
  says,
  download,
  disabled,
  stay,
  ...look
}: Look & {
  href: string;
  children: ReactNode;
  says?: string | undefined;
  download?: boolean | undefined;
  disabled?: string | undefined;
  stay?: boolean | undefined;
}) {
  const text = (
    <>
      {children}
      {says ? <span className="vh"> {says}</span> : null}
    </>
  );
  if (disabled !== undefined)
    return (
      <span className={buttonClass(look)} aria-disabled="true" title={disabled}>
        {text}
      </span>
    );
  if (download)
    return (
      <a className={buttonClass(look)} href={href} download>
        {text}
      </a>
    );
  return (
    <NextLink className={buttonClass(look)} href={href} scroll={!stay} prefetch={false}>
      {text}
    </NextLink>
  );
}
