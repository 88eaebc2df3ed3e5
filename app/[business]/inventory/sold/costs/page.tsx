import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { allOf } from "../state";
import { ManyLines } from "./many";
import { OneLine } from "./one";

export const metadata: Metadata = { title: "Add costs" };

/** More would not fit into an address; a table takes them. */
const mostLines = 100;

/** Add costs to one sold line, both ways, or to many at once. */
export default async function AddCosts({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const asked = await searchParams;
  const lines = [...new Set(allOf(asked.line))].slice(0, mostLines);
  const base = `/${scope.slug}`;
  const [first] = lines;
  if (first === undefined) redirect(`${base}/inventory/sold?missing=1`);
  // Who may only look sees the cost, not the form.
  if (!can(scope, "write")) redirect(`${base}/inventory/sold?year=all&why=${encodeURIComponent(first)}`);
  const path = `${base}/inventory/sold/costs`;
  if (lines.length > 1) return <ManyLines scope={scope} ids={lines} asked={asked} path={path} />;
  const page = await OneLine({ scope, lineId: first, asked, path });
  return page ?? notFound();
}
