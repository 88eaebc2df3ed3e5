"use client";

import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { useEffect, useId, useRef, useState } from "react";
import { flatPlaces, type Place } from "./places";
import { SearchIcon } from "./search-icon";

/**
 * The one search field, a plain form that works without script. `/` goes to it; Ctrl K or ⌘ K opens the command palette, which
 * knows every place and command and hands anything else to the search.
 */
export function Palette({
  places,
  commands,
  searchHref,
}: {
  places: readonly Place[];
  commands: readonly Readonly<{ group: string; label: string; href: string }>[];
  searchHref: string;
}) {
  const router = useRouter();
  const field = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState("");
  const id = useId();

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const typing = (event.target as HTMLElement).closest?.("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !typing && !event.metaKey && !event.ctrlKey && !event.altKey) {
        event.preventDefault();
        field.current?.focus();
        field.current?.select();
      }
      if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        setWords("");
        setOpen(true);
      }
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const go = (href: string) => {
    setOpen(false);
    router.push(href);
  };
  const [path = "", query = ""] = searchHref.split("?");
  const kept = [...new URLSearchParams(query)];
  const groups = [...new Set(commands.map((command) => command.group))];

  return (
    <>
      <search className="find">
        <form action={path} method="get" className="find">
          {kept.map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <label className="vh" htmlFor={id}>
            Search everything
          </label>
          <SearchIcon />
          <input
            ref={field}
            id={id}
            className="in"
            name="q"
            type="text"
            autoComplete="off"
            placeholder="Item, order, payout, amount"
            aria-keyshortcuts="/"
          />
          <kbd>/</kbd>
        </form>
      </search>
      <Command.Dialog
        open={open}
        onOpenChange={setOpen}
        label="Go to"
        className="palette"
        overlayClassName="palette-veil"
        loop
      >
        <Command.Input value={words} onValueChange={setWords} placeholder="Where to? Or type words to search" />
        <Command.List>
          <Command.Empty>Nothing is called that.</Command.Empty>
          <Command.Group heading="Places">
            {flatPlaces(places).map((place) => (
              <Command.Item key={place.href} value={place.label} onSelect={() => go(place.href ?? "")}>
                {place.label}
                {place.count ? <span className="cnt">{place.count}</span> : null}
              </Command.Item>
            ))}
          </Command.Group>
          {groups.map((group) => (
            <Command.Group key={group} heading={group}>
              {commands
                .filter((command) => command.group === group)
                .map((command) => (
                  <Command.Item key={command.href} value={command.label} onSelect={() => go(command.href)}>
                    {command.label}
                  </Command.Item>
                ))}
            </Command.Group>
          ))}
          {words.trim() === "" ? null : (
            <Command.Group heading="Search" forceMount>
              <Command.Item
                forceMount
                value={`search ${words}`}
                onSelect={() => go(`${path}?${new URLSearchParams([...kept, ["q", words.trim()]])}`)}
              >
                Items, orders, payouts with “{words.trim()}”
              </Command.Item>
            </Command.Group>
          )}
        </Command.List>
      </Command.Dialog>
    </>
  );
}
