import type { Metadata } from "next";
import { type BusinessParams, scopeOf } from "../../../scope";
import type { SearchParams } from "../../../ui/address";
import { SoldView } from "./view";

export const metadata: Metadata = { title: "Sold" };

export default async function Sold({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  return <SoldView scope={await scopeOf(params)} searchParams={await searchParams} />;
}
