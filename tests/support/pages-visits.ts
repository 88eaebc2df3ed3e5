/** Visits without a browser: who asks is a session of theirs, what comes back is text, links and forms are read out of it. */
import type { Page } from "playwright-core";
import { beginSession, newSessionToken } from "../../lib/people/sessions";

export const cookieName = "authjs.session-token";

export type Answer = Readonly<{ status: number; location: string | null; body: string }>;
export type Asked = Readonly<{
  method?: "GET" | "POST";
  body?: FormData | URLSearchParams | string;
  headers?: Readonly<Record<string, string>>;
}>;
/** Asks for a path and follows no redirect. */
export type Visitor = (path: string, asked?: Asked) => Promise<Answer>;

/** A session of this person that nobody signed in for. Gives the cookie's value. */
export async function sessionFor(userId: string): Promise<string> {
  const token = newSessionToken();
  await beginSession(token, userId, "a test");
  return token;
}

/** Does `work` for each, four at a time: the pages asked for do not depend on one another. */
export async function eachOf<T>(all: Iterable<T>, work: (one: T) => Promise<void>): Promise<void> {
  const rest = all[Symbol.iterator]();
  const line = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await work(next.value);
  };
  await Promise.all([line(), line(), line(), line()]);
}

/** Asks as the holder of this session, or as nobody. */
export function visitorOf(origin: string, token: string | null): Visitor {
  return async (path, { method = "GET", body, headers = {} } = {}) => {
    const cookie = token === null ? {} : { cookie: `${cookieName}=${token}` };
    const response = await fetch(`${origin}${path}`, {
      method,
      redirect: "manual",
      headers: { ...cookie, ...(method === "POST" ? { origin } : {}), ...headers },
      // A stream of events ends when its run does; what is said at once is all that is wanted here.
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, location: response.headers.get("location"), body: await textOf(response) };
  };
}

async function textOf(response: Response): Promise<string> {
  if (!(response.headers.get("content-type") ?? "").startsWith("text/event-stream") || response.body === null)
    return response.text();
  const reader = response.body.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

/** Every address of this business that a page's text holds: in links, in what scripts are given, in forms. */
export function addressesIn(body: string, slug: string): readonly string[] {
  const found = new Set<string>();
  const plain = body.replaceAll("&amp;", "&").replaceAll("\\u0026", "&").replaceAll("&#x27;", "'");
  for (const [, address] of plain.matchAll(/["'](\/[^"'\\\s<>]*)/g)) {
    if (address === undefined) continue;
    const url = new URL(address, "http://here");
    if (url.host !== "here" || url.pathname.startsWith("/_next")) continue;
    if (
      url.pathname === `/${slug}` ||
      url.pathname.startsWith(`/${slug}/`) ||
      url.searchParams.get("business") === slug
    )
      found.add(`${url.pathname}${url.search}`);
  }
  return [...found];
}

/** A form of a page as a browser without script would send it; one for each button that says something of its own. */
export type SentForm = Readonly<{
  /** The action behind it, as Next names it. */
  action: string;
  /** The words of its button. */
  says: string;
  fields: readonly (readonly [name: string, value: string])[];
}>;

/** The forms of a page that lead to actions, filled in: what stands in a field stays, what is empty gets something that fits it. */
export function formsIn(page: Page, body: string): Promise<readonly SentForm[]> {
  return page.evaluate((html) => {
    const fill = (field: HTMLInputElement): string => {
      if (field.value !== "") return field.value;
      const said = `${field.type} ${field.name} ${field.inputMode}`;
      if (/mail/i.test(said)) return "somebody@example.com";
      if (/decimal|numeric|amount|cost|qty|number/i.test(said)) return "1.00";
      if (/date|\bon$|day|since|until/i.test(said)) return "2026-01-15";
      return "Something else";
    };
    const found: SentForm[] = [];
    for (const form of new DOMParser().parseFromString(html, "text/html").querySelectorAll("form")) {
      const fields: [string, string][] = [];
      const buttons: HTMLButtonElement[] = [];
      const chosen = new Set<string>();
      for (const field of form.elements) {
        if (field instanceof HTMLButtonElement) {
          if (field.type === "submit") buttons.push(field);
        } else if (field instanceof HTMLSelectElement) {
          const options = [...field.options].map((option) => option.value).filter((value) => value !== "");
          if (field.name !== "") fields.push([field.name, field.value !== "" ? field.value : (options.at(-1) ?? "")]);
        } else if (field instanceof HTMLTextAreaElement) {
          if (field.name !== "") fields.push([field.name, field.value === "" ? "Something else" : field.value]);
        } else if (field instanceof HTMLInputElement && field.name !== "" && field.type !== "file") {
          if (field.type === "radio") {
            if (chosen.has(field.name)) continue;
            chosen.add(field.name);
            fields.push([field.name, field.value]);
          } else if (field.type === "hidden" || field.type === "checkbox") fields.push([field.name, field.value]);
          else fields.push([field.name, fill(field)]);
        }
      }
      const all = JSON.stringify(fields);
      const action = /\$ACTION_ID_([0-9a-f]+)/.exec(all)?.[1] ?? /\\"id\\":\\"([0-9a-f]+)/.exec(all)?.[1];
      if (action === undefined) continue;
      const ways = buttons.length === 0 ? [null] : buttons;
      for (const button of ways) {
        const named: [string, string][] = button === null || button.name === "" ? [] : [[button.name, button.value]];
        found.push({ action, says: button?.textContent?.trim() ?? "", fields: [...fields, ...named] });
      }
    }
    return found;
  }, body);
}

/** A form's body as a browser sends it. */
export function bodyOf(fields: readonly (readonly [string, string])[]): FormData {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
}
