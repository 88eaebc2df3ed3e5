import type { Metadata } from "next";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import { readAddress, type SearchParams } from "../../../ui/address";
import { Page } from "../../../ui/page-frame";
import { ImportHistory } from "../../transactions/import/history";
import { refusedMessage } from "../../transactions/import/refused";
import { UploadForm } from "../../transactions/import/upload-form";

export const metadata: Metadata = { title: "Import a channel’s file" };

export default async function ImportChannelFile({
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
      path={[{ label: "Channels", href: `/${scope.slug}/channels` }, { label: "Import" }]}
      title="Import a channel’s file"
    >
      {can(scope, "write") ? (
        <UploadForm
          scope={scope}
          from="channels"
          refused={await refusedMessage(query.refused)}
          channel={typeof query.channel === "string" ? query.channel : undefined}
          hint="Amazon, eBay, Etsy, Shopify, Stripe, PayPal, Square, WooCommerce, Poshmark, Mercari, Depop, TikTok Shop, Whatnot: the exports of sales, money and payouts. Any other list of sales: you say once what its columns are."
        />
      ) : null}
      <ImportHistory scope={scope} kind="channel" after={after ?? undefined} />
    </Page>
  );
}
