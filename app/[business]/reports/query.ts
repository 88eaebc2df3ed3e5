import type { SearchParams } from "../../ui/address";

/** The query of a handler's address as pages get theirs. */
export function paramsOf(request: Request): SearchParams {
  const params: Record<string, string | string[]> = {};
  const query = new URL(request.url).searchParams;
  for (const name of new Set(query.keys())) {
    const all = query.getAll(name);
    params[name] = all.length === 1 ? (all[0] ?? "") : all;
  }
  return params;
}
