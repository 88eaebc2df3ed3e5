import type { Metadata } from "next";
import { scopeOf } from "../../../../scope";
import { ImportPreview } from "../preview";

export const metadata: Metadata = { title: "Import" };

export default async function OneImport({
  params,
}: {
  params: Promise<Readonly<{ business: string; import: string }>>;
}) {
  const scope = await scopeOf(params);
  return <ImportPreview scope={scope} id={(await params).import} />;
}
