import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { SearchParams } from "@/app/ui/address";
import { Button, ButtonLink } from "@/app/ui/button";
import { Frame, placesOf } from "@/app/ui/frame";
import { Page } from "@/app/ui/page-frame";
import { FigureParts } from "./figure-parts";
import { FormParts } from "./form-parts";
import { KitSheet } from "./sheet-part";
import { TableParts } from "./table-parts";

export const metadata: Metadata = { title: "Components and their states" };

/** Every component in its states, with the figures of one worked business. Only for those who build the product. */
export default async function Kit({ searchParams }: { searchParams: Promise<SearchParams> }) {
  if (process.env.NODE_ENV === "production" && process.env.LOTBOOK_KIT !== "1") notFound();
  const params = await searchParams;
  return (
    <Frame
      places={placesOf("/kit", { transactions: 7, balances: 5, sold: 14 })}
      business={{ name: "Alder Street Goods", href: "/kit" }}
      businesses={[{ name: "Demo business", href: "/kit" }]}
      addBusinessHref="/kit"
      person={{ name: "Dana Whitlock", role: "owner" }}
      settingsHref="/kit"
      searchHref="/kit"
      commands={[{ group: "Do", label: "Record a purchase", href: "/kit" }]}
    >
      <Page
        path={[{ label: "Look", href: "/kit" }, { label: "Components" }]}
        title="Components and their states"
        beside="kit"
        note="Drawn from app/ui alone. Read with app/ui/README.md, which has the props."
        actions={
          <>
            <ButtonLink href="/kit?sheet=details" stay>
              Open a sheet
            </ButtonLink>
            <Button kind="primary" type="button">
              Record a purchase
            </Button>
          </>
        }
      >
        <FormParts />
        <FigureParts />
        <TableParts params={params} />
      </Page>
      {params.sheet === "details" ? <KitSheet /> : null}
    </Frame>
  );
}
