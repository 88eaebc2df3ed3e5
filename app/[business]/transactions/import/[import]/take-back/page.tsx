import type { Metadata } from "next";
import { scopeOf } from "../../../../../scope";
import { ImportTakeBack } from "../../take-back";

export const metadata: Metadata = { title: "Take a file back" };

export default async function TakeBack({
  params,
}: {
  params: Promise<Readonly<{ business: string; import: string }>>;
}) {
  const scope = await scopeOf(params);
  return <ImportTakeBack scope={scope} id={(await params).import} />;
}
