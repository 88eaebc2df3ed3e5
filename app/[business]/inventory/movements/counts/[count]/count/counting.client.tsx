"use client";

import { useCallback, useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { Refusal } from "../../../../../../../lib/core/errors";
import { normalise } from "../../../../../../../lib/core/matching";
import { parseQuantity } from "../../../../../../../lib/core/quantity";
import { buttonClass } from "../../../../../../ui/button";
import { Camera, canScan } from "./camera.client";
import { handInWaiting, keep, letGo, type WaitingEntry, waitingOf } from "./waiting.client";

/** An item as the page was loaded with it; quantities as texts, `expected` null where the count is blind. */
export type CountingItem = Readonly<{
  id: string;
  name: string;
  sku: string | null;
  decimals: number;
  codes: readonly string[];
  expected: string | null;
  counted: string | null;
}>;

/** An id of this device's own making; `randomUUID` is missing where a page has no https. */
const madeId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const never = () => () => undefined;
const shownAtOnce = 30;
const triesEachMs = 15_000;

/** Counting on a phone: find or scan, how many, next. Nothing here needs a connection once the page is there. `address`: the count's page. */
export function Counting({ of, address, items }: { of: string; address: string; items: readonly CountingItem[] }) {
  const isReady = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const [sought, setSought] = useState("");
  const [chosen, setChosen] = useState<CountingItem | null>(null);
  const [qty, setQty] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const [isScanning, setScanning] = useState(false);
  const [done, setDone] = useState<readonly string[]>([]);
  const { waiting, state, look, hand } = useWaiting(of, `${address}/entries`);
  const search = useRef<HTMLInputElement>(null);
  const number = useRef<HTMLInputElement>(null);
  /** How often something was typed or chosen: what was written meanwhile is never put back over it. */
  const typed = useRef(0);
  const ids = useId();
  const found = useMemo(() => find(items, sought), [items, sought]);

  const choose = (item: CountingItem | null) => {
    typed.current += 1;
    setChosen(item);
    setWrong(null);
    if (item !== null) requestAnimationFrame(() => number.current?.focus());
  };
  const seek = (text: string) => {
    setSought(text);
    setWrong(null);
    const one = exact(items, text);
    choose(one);
  };

  const write = async (mode: "add" | "recount") => {
    const amiss = wrongIn(qty, chosen?.decimals ?? 9);
    if (chosen === null && sought.trim() === "") return setWrong("Find or scan a product first.");
    if (amiss !== null) return setWrong(amiss);
    const entry: WaitingEntry = {
      id: madeId(),
      of,
      item: chosen?.id ?? "",
      text: chosen === null ? sought.trim() : "",
      name: chosen?.name ?? sought.trim(),
      qty: qty.trim(),
      mode,
      at: String(Date.now()),
      refused: null,
    };
    // Emptied at once: a scanner, or a quick hand, is at the next product before this one is kept.
    setSought("");
    setQty("");
    choose(null);
    search.current?.focus();
    const was = typed.current;
    try {
      await keep([entry]);
    } catch (failure) {
      console.error(failure);
      if (typed.current === was) {
        setSought(sought);
        setQty(qty);
        setChosen(chosen);
      }
      return setWrong(
        `This device could not keep ${entry.qty} × ${entry.name}. Make room on it, or leave its private mode, and try again.`,
      );
    }
    // What waits is shown before what was said of it: never does the page say that all is handed in of what is not.
    await look();
    setSaid(`${entry.qty} × ${entry.name} ${mode === "add" ? "counted" : "counted again"}.`);
    setDone((before) => (entry.item === "" ? before : [...before, entry.item]));
    await hand();
  };

  if (!isReady) return null;
  return (
    <div>
      <p className="s q" role="status">
        {said} {statusOf(waiting.filter((one) => one.refused === null).length, state.away)}
      </p>
      {state.says === null ? null : (
        <p className="alert mt-2" role="alert">
          {state.says} What you counted is kept on this device.
        </p>
      )}
      <form
        className="mt-3"
        onSubmit={(event) => {
          event.preventDefault();
          void write("add");
        }}
      >
        <label className="lbl" htmlFor={`${ids}-find`}>
          Product: name, SKU or barcode
        </label>
        <input
          id={`${ids}-find`}
          ref={search}
          className="in lg w-full"
          style={{ minHeight: 56 }}
          value={chosen === null ? sought : chosen.name}
          onChange={(event) => seek(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          autoComplete="off"
          autoCapitalize="off"
          enterKeyHint="next"
        />
        {canScan() && !isScanning ? (
          <button
            type="button"
            className={buttonClass({ kind: "plain", large: true, wide: true, className: "mt-2" })}
            onClick={() => setScanning(true)}
          >
            Scan with the camera
          </button>
        ) : null}
        {isScanning ? (
          <Camera
            onCode={(code) => {
              setScanning(false);
              seek(code);
            }}
            onClose={() => setScanning(false)}
          />
        ) : null}
        <label className="lbl mt-3" htmlFor={`${ids}-qty`}>
          How many{chosen?.expected == null ? "" : ` (the books say ${chosen.expected})`}
        </label>
        <input
          id={`${ids}-qty`}
          ref={number}
          className="in lg num w-full"
          style={{ minHeight: 56, fontSize: 24 }}
          inputMode="decimal"
          value={qty}
          onChange={(event) => {
            typed.current += 1;
            setQty(event.currentTarget.value);
            setWrong(null);
          }}
          aria-invalid={wrong === null ? undefined : true}
          aria-describedby={wrong === null ? undefined : `${ids}-wrong`}
          autoComplete="off"
          enterKeyHint="done"
        />
        {wrong === null ? null : (
          <p className="msg bad" id={`${ids}-wrong`} role="alert">
            {wrong}
          </p>
        )}
        <div className="mt-3 grid gap-2">
          <button
            type="submit"
            className={buttonClass({ kind: "primary", large: true, wide: true })}
            style={{ minHeight: 56 }}
          >
            So many here
          </button>
          <button
            type="button"
            className={buttonClass({ kind: "plain", large: true, wide: true })}
            style={{ minHeight: 48 }}
            onClick={() => void write("recount")}
          >
            That is all of it, counted again
          </button>
        </div>
      </form>
      <Refused waiting={waiting} onGone={look} />
      <ul className="mt-4" aria-label="Products of the count">
        {found.slice(0, shownAtOnce).map((item) => (
          <li key={item.id}>
            <button
              type="button"
              className={buttonClass({ kind: "quiet", large: true, wide: true })}
              style={{
                minHeight: 48,
                height: "auto",
                justifyContent: "space-between",
                textAlign: "left",
                whiteSpace: "normal",
              }}
              onClick={() => choose(item)}
            >
              <span>
                {item.name} <span className="s q">{item.sku}</span>
              </span>
              <span className="s q">{item.counted !== null || done.includes(item.id) ? "counted" : ""}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > shownAtOnce ? (
        <p className="s q">And {found.length - shownAtOnce} more: type a part of it.</p>
      ) : null}
    </div>
  );
}

/** What the server would not take, with its reason; a person gives it up or counts it again. */
function Refused({ waiting, onGone }: { waiting: readonly WaitingEntry[]; onGone: () => Promise<void> }) {
  const refused = waiting.filter((one) => one.refused !== null);
  if (refused.length === 0) return null;
  return (
    <section className="mt-4" aria-label="Not taken">
      <h2>Not taken</h2>
      <ul>
        {refused.map((one) => (
          <li key={one.id} className="mt-2">
            {one.qty} × {one.name}: {one.refused}{" "}
            <button
              type="button"
              className={buttonClass({ kind: "link" })}
              onClick={() => void letGo([one.id]).then(onGone)}
            >
              Give it up<span className="sr-only">: {one.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What waits on this device, and handing it in: at once, when the connection is back, and every now and then. */
function useWaiting(of: string, address: string) {
  const [waiting, setWaiting] = useState<readonly WaitingEntry[]>([]);
  const [state, setState] = useState<Readonly<{ away: boolean; says: string | null }>>({ away: false, says: null });
  const isBusy = useRef(false);
  /** Something was counted while what was there before was being handed in. */
  const isMore = useRef(false);
  const look = useCallback(async () => setWaiting(await waitingOf(of)), [of]);
  const hand = useCallback(async () => {
    isMore.current = true;
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      while (isMore.current) {
        isMore.current = false;
        let went = await handInWaiting(of, address);
        while (went.taken.length > 0 && !went.away && went.says === null) went = await handInWaiting(of, address);
        setState({ away: went.away, says: went.says });
      }
    } finally {
      isBusy.current = false;
      await look();
    }
  }, [of, address, look]);

  useEffect(() => {
    const go = () => {
      hand().catch((failure: unknown) => {
        console.error(failure);
        setState({ away: false, says: "This device keeps nothing: count on another one." });
      });
    };
    const away = () => setState((before) => ({ ...before, away: true }));
    // A device that is short of room asks before it throws away what is kept so.
    void navigator.storage?.persist?.();
    go();
    const timer = setInterval(go, triesEachMs);
    window.addEventListener("online", go);
    window.addEventListener("offline", away);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", go);
      window.removeEventListener("offline", away);
    };
  }, [hand]);

  return { waiting, state, look, hand };
}

function statusOf(waiting: number, isAway: boolean): string {
  if (waiting === 0) return isAway ? "No connection. Counting goes on." : "All is handed in.";
  const what = `${waiting} ${waiting === 1 ? "entry waits" : "entries wait"} on this device`;
  return isAway ? `No connection: ${what}, and ${waiting === 1 ? "is" : "are"} handed in when it is back.` : `${what}.`;
}

/** What is wrong with a quantity, which may be 0; null: nothing. */
function wrongIn(text: string, decimals: number): string | null {
  try {
    parseQuantity(text, decimals, { from: "zero" });
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

function exact(items: readonly CountingItem[], text: string): CountingItem | null {
  const key = normalise(text);
  const code = text.replace(/\s+/g, "");
  if (key === "") return null;
  const hits = items.filter((item) => item.codes.includes(code) || (item.sku !== null && normalise(item.sku) === key));
  return hits.length === 1 ? (hits[0] ?? null) : null;
}

function find(items: readonly CountingItem[], text: string): readonly CountingItem[] {
  const key = normalise(text);
  if (key === "") return items;
  return items.filter(
    (item) =>
      normalise(item.name).includes(key) ||
      (item.sku !== null && normalise(item.sku).includes(key)) ||
      item.codes.some((code) => code.includes(text.trim())),
  );
}
