"use client";

import { type ChangeEvent, type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { classes } from "./classes";
import { currencySign } from "./figures";
import { useSent } from "./form.client";
import { type Typed, typedMoney, typedQuantity } from "./typed";

/** What all fields share. `bare` leaves label and messages to a table around it; the label is still read out. */
export type FieldProps = Readonly<{
  label: string;
  name: string;
  hint?: ReactNode | undefined;
  /** Says "optional"; there are no asterisks. */
  optional?: boolean | undefined;
  /** The reason why it cannot be changed. */
  disabled?: string | undefined;
  /** An error that the page knows already; the form's own comes by itself. */
  error?: string | undefined;
  bare?: boolean | undefined;
  /** The whole width of `Fields`. */
  all?: boolean | undefined;
  /** 40 px high. */
  large?: boolean | undefined;
  autoFocus?: boolean | undefined;
}>;

/** Ids, error and typed value of one field, and its attributes. */
export function useField(props: FieldProps, wrong?: string | null) {
  const id = useId();
  const { error: answered, typed } = useSent(props.name);
  const error = wrong ?? answered ?? props.error ?? null;
  const noted = error !== null || props.hint !== undefined || props.disabled !== undefined;
  return {
    id,
    error,
    typed,
    shared: {
      id,
      name: props.name,
      disabled: props.disabled !== undefined,
      title: props.disabled,
      "aria-label": props.bare ? props.label : undefined,
      "aria-invalid": error === null ? undefined : (true as const),
      "aria-describedby": noted && !props.bare ? `${id}-says` : undefined,
      autoFocus: props.autoFocus,
    },
  };
}

/** Label above, control, then what is wrong with it or a hint. */
export function FieldFrame({
  id,
  props,
  error,
  children,
}: {
  id: string;
  props: FieldProps;
  error: string | null;
  children: ReactNode;
}) {
  if (props.bare) return children;
  const says = error ?? props.hint ?? props.disabled;
  return (
    <div className={classes("fld", props.all && "all")}>
      <label className="lbl" htmlFor={id}>
        {props.label}
        {props.optional ? <span className="f"> optional</span> : null}
      </label>
      {children}
      {says ? (
        <p className={classes("msg", error !== null && "bad")} id={`${id}-says`}>
          {says}
        </p>
      ) : null}
    </div>
  );
}

/** A line of text, an e-mail, a password, a search. */
export function TextField(
  props: FieldProps & {
    value?: string | undefined;
    type?: "text" | "email" | "password" | "search" | "tel" | "url" | undefined;
    autoComplete?: string | undefined;
    placeholder?: string | undefined;
    maxLength?: number | undefined;
    inputMode?: "text" | "numeric" | "decimal" | undefined;
    align?: "right" | undefined;
  },
) {
  const { id, error, typed, shared } = useField(props);
  return (
    <FieldFrame id={id} props={props} error={error}>
      <input
        {...shared}
        key={typed}
        type={props.type ?? "text"}
        className={classes("in", props.large && "lg", props.align === "right" && "num")}
        defaultValue={props.type === "password" ? undefined : (typed ?? props.value)}
        autoComplete={props.autoComplete ?? "off"}
        placeholder={props.placeholder}
        maxLength={props.maxLength}
        inputMode={props.inputMode}
      />
    </FieldFrame>
  );
}

/** Several lines of text. */
export function TextAreaField(
  props: FieldProps & { value?: string | undefined; rows?: number | undefined; placeholder?: string | undefined },
) {
  const { id, error, typed, shared } = useField(props);
  return (
    <FieldFrame id={id} props={props} error={error}>
      <textarea
        {...shared}
        key={typed}
        className="in"
        rows={props.rows ?? 3}
        defaultValue={typed ?? props.value}
        placeholder={props.placeholder}
      />
    </FieldFrame>
  );
}

/** What money and quantities share: read on leaving and before Enter sends the form; never rounded without a word. */
function ReadField({
  props,
  value,
  read,
  sign,
  placeholder,
  onRead,
  onWrong,
}: {
  props: FieldProps;
  value: string | undefined;
  read: (text: string) => Typed<bigint>;
  sign?: string | undefined;
  placeholder?: string | undefined;
  onRead?: ((text: string, value: bigint | null) => void) | undefined;
  onWrong?: ((says: string | null) => void) | undefined;
}) {
  const [wrong, keepWrong] = useState<string | null>(null);
  const setWrong = (says: string | null) => {
    keepWrong(says);
    if (says !== wrong) onWrong?.(says);
  };
  const { id, error, typed, shared } = useField(props, wrong);

  function settle(input: HTMLInputElement) {
    if (input.value.trim() === "") {
      setWrong(null);
      onRead?.("", null);
      return;
    }
    const result = read(input.value);
    if ("wrong" in result) {
      setWrong(result.wrong);
      onRead?.(input.value, null);
      return;
    }
    setWrong(null);
    if (input.value !== result.text) input.value = result.text;
    onRead?.(result.text, result.value);
  }

  const input = (
    <input
      {...shared}
      key={typed}
      type="text"
      inputMode="decimal"
      autoComplete="off"
      className={classes("in num", props.large && "lg")}
      defaultValue={typed ?? value}
      placeholder={placeholder}
      onBlur={(event) => settle(event.currentTarget)}
      onChange={(event: ChangeEvent<HTMLInputElement>) => {
        if (wrong !== null) setWrong(null);
        if (onRead) {
          const result = read(event.currentTarget.value);
          onRead(event.currentTarget.value, "wrong" in result ? null : result.value);
        }
      }}
      onKeyDown={(event: KeyboardEvent<HTMLInputElement>) => {
        if (event.key === "Enter") settle(event.currentTarget);
      }}
    />
  );
  return (
    <FieldFrame id={id} props={props} error={error}>
      {sign ? (
        <span className="cash">
          <i aria-hidden="true">{sign}</i>
          {input}
        </span>
      ) : (
        input
      )}
    </FieldFrame>
  );
}

/** Money: takes 1240, 1,240.5, =12*6.5, $1,240.50, (2.00); shows 1,240.50 on leaving. Sends the text; `lib/core/money` reads it. */
export function MoneyField(
  props: FieldProps & {
    currency: string;
    value?: string | undefined;
    placeholder?: string | undefined;
    /** No sign at left (the column says it). */
    plain?: boolean | undefined;
    onRead?: ((text: string, minor: bigint | null) => void) | undefined;
    /** What is wrong with it, for whoever says it instead of the field (`bare`); null when it is mended. */
    onWrong?: ((says: string | null) => void) | undefined;
  },
) {
  const sign = currencySign(props.currency);
  return (
    <ReadField
      props={props}
      value={props.value}
      read={(text) => typedMoney(text, props.currency)}
      sign={props.plain ? undefined : sign}
      placeholder={props.placeholder}
      onRead={props.onRead}
      onWrong={props.onWrong}
    />
  );
}

/** A quantity with the item's own decimals. */
export function NumberField(
  props: FieldProps & {
    decimals?: number | undefined;
    value?: string | undefined;
    placeholder?: string | undefined;
    onRead?: ((text: string, units: bigint | null) => void) | undefined;
    onWrong?: ((says: string | null) => void) | undefined;
  },
) {
  const decimals = props.decimals ?? 0;
  return (
    <ReadField
      props={props}
      value={props.value}
      read={(text) => typedQuantity(text, decimals)}
      placeholder={props.placeholder}
      onRead={props.onRead}
      onWrong={props.onWrong}
    />
  );
}

/** One of 3 to 12 fixed choices. Two choices: RadioField; more: ComboField. */
export function SelectField(
  props: FieldProps & {
    options: readonly Readonly<{ value: string; label: string }>[];
    value?: string | undefined;
    /** Sends the form when changed, where nothing is lost by it (a filter). */
    sends?: boolean | undefined;
  },
) {
  const { id, error, typed, shared } = useField(props);
  return (
    <FieldFrame id={id} props={props} error={error}>
      <select
        {...shared}
        // Another value of the page is another choice: React empties a form once it has answered, to what a choice began with.
        key={typed ?? props.value}
        className={classes("in", props.large && "lg")}
        defaultValue={typed ?? props.value}
        onChange={props.sends ? (event) => event.currentTarget.form?.requestSubmit() : undefined}
      >
        {props.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

/** A yes or no. Sends `on`, or nothing. */
export function CheckField(props: FieldProps & { checked?: boolean | undefined; value?: string | undefined }) {
  const { id, error, typed, sent, shared } = useWith(props);
  const says = error ?? props.hint;
  const was = sent.values === undefined ? props.checked : typed !== undefined;
  return (
    <div className={classes("fld", props.all && "all")}>
      <label className="pick" htmlFor={id}>
        <input
          {...shared}
          key={String(was)}
          type="checkbox"
          value={props.value ?? "on"}
          defaultChecked={was ?? false}
        />
        <span>{props.label}</span>
      </label>
      {says ? (
        <p className={classes("msg", error !== null && "bad")} id={`${id}-says`}>
          {says}
        </p>
      ) : null}
    </div>
  );
}

function useWith(props: FieldProps) {
  const field = useField(props);
  const { sent } = useSent(props.name);
  return { ...field, sent };
}

/** Two or three choices side by side, all seen. */
export function RadioField(
  props: FieldProps & {
    options: readonly Readonly<{ value: string; label: ReactNode; disabled?: string | undefined }>[];
    value?: string | undefined;
    onChoose?: ((value: string) => void) | undefined;
  },
) {
  const { id, error, typed } = useField(props);
  const chosen = typed ?? props.value;
  const says = error ?? props.hint;
  return (
    <fieldset
      className={classes("fld", props.all && "all")}
      aria-invalid={error === null ? undefined : true}
      aria-describedby={says ? `${id}-says` : undefined}
    >
      <legend className={props.bare ? "vh" : "lbl"}>
        {props.label}
        {props.optional ? <span className="f"> optional</span> : null}
      </legend>
      <div className="picks">
        {props.options.map((option) => (
          <label className="pick" key={`${option.value} ${chosen}`} title={option.disabled}>
            <input
              type="radio"
              name={props.name}
              value={option.value}
              defaultChecked={option.value === chosen}
              disabled={option.disabled !== undefined || props.disabled !== undefined}
              onChange={props.onChoose ? () => props.onChoose?.(option.value) : undefined}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      {says ? (
        <p className={classes("msg", error !== null && "bad")} id={`${id}-says`}>
          {says}
        </p>
      ) : null}
    </fieldset>
  );
}

/** A file. `accept` as in HTML; `multiple` for several statements at once. */
export function FileField(props: FieldProps & { accept?: string | undefined; multiple?: boolean | undefined }) {
  const { id, error, shared } = useField(props);
  return (
    <FieldFrame id={id} props={props} error={error}>
      <input {...shared} type="file" className="in" accept={props.accept} multiple={props.multiple} />
    </FieldFrame>
  );
}
