"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { classes } from "./classes";
import { FieldFrame, type FieldProps, useField } from "./field.client";
import { useSent } from "./form.client";

/** One choice: its name, at right its SKU, and one line of evidence (where it was sold, last cost). */
export type Option = Readonly<{
  id: string;
  label: string;
  aside?: string | undefined;
  evidence?: string | undefined;
}>;

type List = Readonly<{ state: "ready" | "waits" | "failed"; options: readonly Option[] }>;
const rowsShown = 7;

/**
 * Type to choose. The options are given, or read from `url` (GET, `?q=`, answers `{ options: Option[] }`). Sends the chosen id as `name` and
 * what was typed as `nameText`; an empty id with a text means a new one, where `create` allows it. Without script it is a plain field
 * with suggestions, and only the text is sent.
 */
export function ComboField(
  props: FieldProps & {
    options?: readonly Option[] | undefined;
    url?: string | undefined;
    value?: Option | undefined;
    /** "New product": the last row makes one with what was typed. */
    create?: string | undefined;
    placeholder?: string | undefined;
    onChoose?: ((option: Option | null, text: string) => void) | undefined;
  },
) {
  const { id, error, shared } = useField(props);
  const { sent } = useSent(props.name);
  const textName = `${props.name}Text`;
  const listId = useId();
  const [text, setText] = useState(sent.values?.[textName] ?? props.value?.label ?? "");
  const [chosen, setChosen] = useState(sent.values?.[props.name] ?? props.value?.id ?? "");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const [list, setList] = useState<List>({ state: "ready", options: props.options ?? [] });
  const [attempt, setAttempt] = useState(0);
  const [scripted, setScripted] = useState(false);
  const asked = useRef(0);
  const { url, options } = props;

  useEffect(() => setScripted(true), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks again after a failure
  useEffect(() => {
    if (!open) return;
    if (url === undefined) {
      const words = text.trim().toLowerCase();
      const fits = (options ?? []).filter((one) => `${one.label} ${one.aside ?? ""}`.toLowerCase().includes(words));
      setList({ state: "ready", options: fits.slice(0, rowsShown) });
      return;
    }
    const mine = ++asked.current;
    const stop = new AbortController();
    setList((before) => ({ ...before, state: "waits" }));
    const timer = setTimeout(() => {
      const address = `${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(text.trim())}`;
      fetch(address, { signal: stop.signal, headers: { accept: "application/json" } })
        .then(async (response) => {
          if (!response.ok) throw new Error(`Options: ${response.status}`);
          const body = (await response.json()) as { options: readonly Option[] };
          if (mine === asked.current) setList({ state: "ready", options: body.options.slice(0, rowsShown) });
        })
        .catch((failure: unknown) => {
          if (stop.signal.aborted) return;
          console.error(failure);
          if (mine === asked.current) setList((before) => ({ ...before, state: "failed" }));
        });
    }, 120);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, open, url, options, attempt]);

  const words = text.trim();
  const fresh = props.create !== undefined && words !== "";
  const last = list.options.length - (fresh ? 0 : 1);
  const active = Math.min(at, Math.max(last, 0));

  function choose(option: Option | null) {
    const label = option?.label ?? words;
    setText(label);
    setChosen(option?.id ?? "");
    setOpen(false);
    props.onChoose?.(option, label);
  }

  function take() {
    const option = list.options[active];
    if (option) choose(option);
    else if (fresh) choose(null);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    switch (event.key) {
      case "ArrowDown":
        event.preventDefault();
        if (!open) setOpen(true);
        else setAt(active >= last ? 0 : active + 1);
        return;
      case "ArrowUp":
        event.preventDefault();
        if (open) setAt(active <= 0 ? Math.max(last, 0) : active - 1);
        return;
      case "Enter":
        if (!open) return;
        event.preventDefault();
        event.stopPropagation();
        take();
        return;
      case "Tab":
        if (open && words !== "") take();
        return;
      case "Escape":
        if (!open) return;
        event.preventDefault();
        event.stopPropagation();
        setOpen(false);
        return;
    }
  }

  const rowId = (index: number) => `${listId}-${index}`;
  return (
    <FieldFrame id={id} props={props} error={error}>
      <span className="combo">
        <input type="hidden" name={props.name} value={chosen} disabled={shared.disabled} />
        <input
          {...shared}
          name={textName}
          type="text"
          // biome-ignore lint/a11y/noRedundantRoles: with script there is no `list`, and the role is not implied
          role="combobox"
          aria-expanded={open}
          aria-controls={open ? listId : undefined}
          aria-autocomplete="list"
          aria-activedescendant={open && last >= 0 && list.state !== "failed" ? rowId(active) : undefined}
          aria-busy={open && list.state === "waits" ? true : undefined}
          autoComplete="off"
          spellCheck={false}
          className={classes("in", props.large && "lg")}
          placeholder={props.placeholder}
          value={text}
          list={scripted ? undefined : `${listId}-plain`}
          onChange={(event) => {
            setText(event.target.value);
            setChosen("");
            setAt(0);
            setOpen(event.target.value.trim() !== "");
          }}
          onKeyDown={onKeyDown}
          onBlur={() => setOpen(false)}
        />
        {open && list.state === "waits" ? <span className="spin" aria-hidden="true" /> : null}
        {open ? (
          <div
            className={classes("menu list", list.state === "waits" && "waits")}
            id={listId}
            role="listbox"
            aria-label={props.label}
            tabIndex={-1}
            // The field keeps the focus while a row is pressed.
            onPointerDown={(event) => event.preventDefault()}
          >
            {list.state === "failed" ? (
              <Row id={rowId(0)} on={false} kind="said" press={() => setAttempt(attempt + 1)}>
                Could not be read. <b>Try again</b>
              </Row>
            ) : (
              list.options.map((option, index) => (
                <Row key={option.id} id={rowId(index)} on={index === active} press={() => choose(option)}>
                  <span>
                    <Match text={option.label} words={words} />
                  </span>
                  <span className="q">{option.aside}</span>
                  {option.evidence ? <small>{option.evidence}</small> : null}
                </Row>
              ))
            )}
            {list.options.length === 0 && list.state === "ready" && !fresh ? (
              <Row id={rowId(0)} on={false} kind="said" press={() => setOpen(false)}>
                Nothing fits.
              </Row>
            ) : null}
            {fresh ? (
              <Row
                id={rowId(list.options.length)}
                on={active === list.options.length}
                kind="new"
                press={() => choose(null)}
              >
                <span>
                  {list.options.length === 0 && list.state === "ready" ? "Nothing fits. " : ""}
                  {props.create} “{words}”
                </span>
                <span className="f s">Enter</span>
              </Row>
            ) : null}
          </div>
        ) : null}
        {scripted ? null : (
          <datalist id={`${listId}-plain`}>
            {(options ?? []).map((option) => (
              <option key={option.id} value={option.label} />
            ))}
          </datalist>
        )}
      </span>
    </FieldFrame>
  );
}

function Row({
  id,
  on,
  kind,
  press,
  children,
}: {
  id: string;
  on: boolean;
  kind?: "said" | "new";
  press: () => void;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field holds the focus and the keys, as the combobox pattern has it
    <div className={classes("option", kind)} id={id} role="option" aria-selected={on} onClick={press}>
      {children}
    </div>
  );
}

/** The part that matches, underlined and bold. */
function Match({ text, words }: { text: string; words: string }) {
  const from = words === "" ? -1 : text.toLowerCase().indexOf(words.toLowerCase());
  if (from < 0) return text;
  return (
    <>
      {text.slice(0, from)}
      <mark>{text.slice(from, from + words.length)}</mark>
      {text.slice(from + words.length)}
    </>
  );
}
