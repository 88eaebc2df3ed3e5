"use client";

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { addDays, endOfMonth, startOfMonth } from "../../lib/core/dates";
import { classes } from "./classes";
import { dayText, monthText } from "./days";
import { FieldFrame, type FieldProps, useField } from "./field.client";
import { type DayOrder, typedDay } from "./typed";

const hintText = "14 nov, 11/14, -3 or t (today)";

/**
 * A day, typed: `14 Nov 2026`, `14 nov`, `11/14`, `-3`, `t`. With script the form gets `2026-11-14` under `name`; without it, what was typed, which
 * `typedDay` reads. The down arrow opens a calendar; days up to `closedThrough` are struck through and say so.
 */
export function DateField(
  props: FieldProps & {
    value?: string | undefined;
    today: string;
    order?: DayOrder | undefined;
    closedThrough?: string | undefined;
    placeholder?: string | undefined;
    onDay?: ((day: string | null) => void) | undefined;
  },
) {
  const order = props.order ?? "month first";
  const [scripted, setScripted] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [day, setDay] = useState<string | null>(null);
  const [month, setMonth] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const host = useRef<HTMLSpanElement>(null);
  const { id, error, typed, shared } = useField(props, wrong);
  const first = typed ?? props.value;
  const shown = first !== undefined && /^\d{4}-\d\d-\d\d$/.test(first) ? dayText(first) : first;

  useEffect(() => {
    setScripted(true);
    setDay(first ?? null);
  }, [first]);

  useEffect(() => {
    if (month === null) return;
    const outside = (event: PointerEvent) => {
      if (!host.current?.contains(event.target as Node)) setMonth(null);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [month]);

  function settle(text: string) {
    if (text.trim() === "") {
      take(null, "");
      return;
    }
    const result = typedDay(text, props.today, order);
    if ("wrong" in result) {
      setWrong(result.wrong);
      setDay(text);
      props.onDay?.(null);
    } else take(result.value, result.text);
  }

  function take(value: string | null, text: string) {
    setWrong(null);
    setDay(value);
    if (input.current) input.current.value = text;
    props.onDay?.(value);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === "Enter") settle(event.currentTarget.value);
    if (event.key === "Escape" && month !== null) {
      event.preventDefault();
      event.stopPropagation();
      setMonth(null);
    }
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    const result = typedDay(event.currentTarget.value, props.today, order);
    setMonth(("wrong" in result ? props.today : result.value).slice(0, 7));
  }

  return (
    <FieldFrame id={id} props={{ ...props, hint: props.hint }} error={error}>
      <span className="combo" ref={host}>
        {scripted && !props.disabled ? <input type="hidden" name={props.name} value={day ?? ""} /> : null}
        <input
          {...shared}
          key={typed}
          ref={input}
          name={scripted ? undefined : props.name}
          type="text"
          autoComplete="off"
          className={classes("in", props.large && "lg")}
          defaultValue={shown}
          placeholder={props.placeholder}
          title={props.disabled ?? hintText}
          onBlur={(event) => settle(event.currentTarget.value)}
          onChange={() => (wrong === null ? undefined : setWrong(null))}
          onKeyDown={onKeyDown}
        />
        {month === null ? null : (
          <Calendar
            month={month}
            day={day}
            today={props.today}
            closedThrough={props.closedThrough}
            turn={setMonth}
            close={() => {
              setMonth(null);
              input.current?.focus();
            }}
            choose={(value) => {
              take(value, dayText(value));
              setMonth(null);
              input.current?.focus();
            }}
          />
        )}
      </span>
    </FieldFrame>
  );
}

function Calendar({
  month,
  day,
  today,
  closedThrough,
  turn,
  close,
  choose,
}: {
  month: string;
  day: string | null;
  today: string;
  closedThrough: string | undefined;
  turn: (month: string) => void;
  close: () => void;
  choose: (day: string) => void;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const first = startOfMonth(month);
  const count = Number(endOfMonth(month).slice(8));
  const lead = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  const days = [...Array<null>(lead).fill(null), ...Array.from({ length: count }, (_, index) => addDays(first, index))];
  const weeks = Array.from({ length: Math.ceil(days.length / 7) }, (_, week) => days.slice(week * 7, week * 7 + 7));
  const start = days.includes(day) && day !== null ? day : days.includes(today) ? today : first;

  // The calendar was opened by a key: the day in it takes the focus.
  useEffect(() => {
    body.current?.querySelector<HTMLButtonElement>(`[data-day="${start}"]`)?.focus();
  }, [start]);

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
      return;
    }
    const at = (event.target as HTMLElement).dataset.day;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (at === undefined || step === undefined) return;
    event.preventDefault();
    const to = addDays(at, step);
    if (to.slice(0, 7) === month) body.current?.querySelector<HTMLButtonElement>(`[data-day="${to}"]`)?.focus();
    else turn(to.slice(0, 7));
  }

  const beside = (by: number) => addDays(by < 0 ? first : endOfMonth(month), by).slice(0, 7);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys bubble up from the days
    <div className="menu cal" onKeyDown={onKeyDown}>
      <div className="turn">
        <button type="button" className="x" aria-label="Month before" onClick={() => turn(beside(-1))}>
          ‹
        </button>
        <span aria-live="polite">
          {monthText(Number(month.slice(5)))} {month.slice(0, 4)}
        </span>
        <button type="button" className="x" aria-label="Month after" onClick={() => turn(beside(1))}>
          ›
        </button>
      </div>
      <table>
        <thead>
          <tr>
            {["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {weeks.map((week, row) => (
            <tr key={week.find((one) => one !== null) ?? row}>
              {week.map((one, column) => (
                <td key={one ?? `before ${column}`}>
                  {one === null ? null : (
                    <button
                      type="button"
                      data-day={one}
                      tabIndex={one === start ? 0 : -1}
                      aria-pressed={one === day}
                      className={classes(one === today && "today", closedThrough && one <= closedThrough && "shut")}
                      title={closedThrough && one <= closedThrough ? "This period is closed" : undefined}
                      onClick={() => choose(one)}
                    >
                      {Number(one.slice(8))}
                    </button>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {closedThrough && first <= closedThrough ? <p className="s f">Struck through: the period is closed.</p> : null}
    </div>
  );
}
