import type { Metadata } from "next";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import { readAddress, type SearchParams } from "../../../ui/address";
import { Page } from "../../../ui/page-frame";
import { ImportHistory } from "./history";
import { refusedMessage } from "./refused";
import { UploadForm } from "./upload-form";

export const metadata: Metadata = { title: "Import a statement" };

export default async function ImportStatement({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const query = await searchParams;
  const { after } = readAddress(query, { filters: [] });
  return (
    <Page
      path={[{ label: "Transactions", href: `/${scope.slug}/transactions` }, { label: "Import" }]}
      title="Import a statement"
    >
      {can(scope, "write") ? (
        <UploadForm
          scope={scope}
          from="transactions"
          refused={await refusedMessage(query.refused)}
          hint="From your bank’s website: OFX, QFX, QIF, CAMT.053, MT940 or CSV. Files of eBay, Etsy, Amazon and Shopify are known too."
        />
      ) : null}
      <ImportHistory scope={scope} kind="bank" after={after ?? undefined} />
    </Page>
  );
}
