/** The addresses of the application as its file tree makes them, so that a test of all of them needs no list. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "app");

export type Route = Readonly<{
  /** As the folders say it, without groups: `/[business]/inventory/sold`. */
  pattern: string;
  kind: "page" | "route";
  /** The methods that it answers. */
  methods: readonly string[];
  /** The names of what stands in brackets. */
  params: readonly string[];
}>;

/** Every page and route handler, the more particular before the more general. */
export function routesOf(): readonly Route[] {
  const found: Route[] = [];
  const walk = (folder: string, segments: readonly string[]) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path, entry.name.startsWith("(") ? segments : [...segments, entry.name]);
      const kind = /^(page|route)\.tsx?$/.exec(entry.name)?.[1];
      if (kind !== "page" && kind !== "route") continue;
      const text = readFileSync(path, "utf8");
      const methods =
        kind === "page"
          ? ["GET"]
          : [
              ...text.matchAll(/export (?:async function|function|const) (?:\{ )?(GET|POST|PUT|PATCH|DELETE)\b/g),
              ...text.matchAll(/export const \{ (GET), (?:POST) \}/g),
            ].map((match) => match[1] ?? "");
      const params = segments.filter((segment) => segment.startsWith("[")).map((one) => one.replace(/[[\].]/g, ""));
      found.push({ pattern: `/${segments.join("/")}`, kind, methods: [...new Set(methods)], params });
    }
  };
  walk(root, []);
  return found.sort((a, b) => generality(a.pattern).localeCompare(generality(b.pattern)));
}

/** Sorts words before single brackets before catch-alls, at each place of the path. */
function generality(pattern: string): string {
  return pattern
    .split("/")
    .map((segment) => (segment.startsWith("[...") ? "~~" : segment.startsWith("[") ? "~" : ` ${segment}`))
    .join("/");
}

/** The route that answers a path, and what stands in its brackets, still encoded. */
export function routeOf(
  routes: readonly Route[],
  path: string,
): Readonly<{ route: Route; values: Readonly<Record<string, string>> }> | null {
  for (const route of routes) {
    const source = route.pattern
      .split("/")
      .map((segment) =>
        segment.startsWith("[...") ? "(.+)" : segment.startsWith("[") ? "([^/]+)" : segment.replaceAll(".", "\\."),
      )
      .join("/");
    const match = new RegExp(`^${source}$`).exec(path);
    if (match === null) continue;
    return { route, values: Object.fromEntries(route.params.map((name, i) => [name, match[i + 1] ?? ""])) };
  }
  return null;
}

/** A path of the route with these values in its brackets. */
export function pathOf(route: Route, values: Readonly<Record<string, string>>): string {
  return route.pattern
    .split("/")
    .map((segment) => {
      if (!segment.startsWith("[")) return segment;
      const value = values[segment.replace(/[[\].]/g, "")] ?? "";
      return segment.startsWith("[...")
        ? value.split("/").map(encodeURIComponent).join("/")
        : encodeURIComponent(value);
    })
    .join("/");
}
