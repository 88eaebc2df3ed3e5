import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { can } from "@/lib/people/access";
import { channelKinds, type Kind } from "@/lib/sales/channels";
import { type BusinessParams, scopeOf } from "../../../scope";
import { Button, ButtonLink } from "../../../ui/button";
import { TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Page } from "../../../ui/page-frame";
import { Note, Section } from "../../../ui/section";
import { type Column, Table } from "../../../ui/table";
import { addByFiles, connectChannel } from "../actions";

export const metadata: Metadata = { title: "Connect a channel" };

const files: Readonly<Record<string, string>> = {
  ebay: "Payments → Reports → Transaction report, or the orders report",
  etsy: "Shop Manager → Finances → Monthly statement, and Settings → Options → Download data → Sold order items",
  amazon: "Reports → Payments → All statements → Download flat file (V1 or V2)",
  shopify: "Orders → Export → CSV for any spreadsheet program",
};

export default async function Connect({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  if (!can(scope, "connect")) notFound();
  const kinds = channelKinds();
  const here = `/${scope.slug}/channels`;
  const name: Column<Kind> = {
    key: "name",
    head: "Channel",
    width: 150,
    rowHead: true,
    phone: "what",
    cell: (kind) => <b>{kind.name}</b>,
  };
  return (
    <Page
      path={[{ label: "Channels", href: here }, { label: "Connect a channel" }]}
      title="Connect a channel"
      note="Nothing that you sell is changed: Lotbook only reads."
    >
      <Section title="By itself" note="orders, refunds, payouts and their rows come without you" first>
        <Table<Kind>
          caption="Channels that are connected and come by themselves"
          rows={kinds.filter((kind) => kind.connect !== "file")}
          keyOf={(kind) => kind.kind}
          columns={[
            name,
            {
              key: "what",
              head: "What it is",
              wraps: true,
              phone: "full",
              cell: (kind) =>
                kind.kind === "practice"
                  ? "A market on this computer with a year of orders that behaves like a real one. You allow it there, then the first sync begins."
                  : kind.missing.length > 0
                    ? "This installation lacks its keys; see how to get them."
                    : kind.connect === "oauth"
                      ? "You sign in and allow it there, then the first sync begins."
                      : "By keys that you make there; then the first sync begins.",
            },
            {
              key: "act",
              head: "Action",
              headHidden: true,
              align: "right",
              phone: "amount",
              cell: (kind) =>
                kind.kind !== "practice" ? (
                  <ButtonLink
                    href={`${here}/connect/${kind.kind}`}
                    says={`to ${kind.name}`}
                    {...(kind.missing.length > 0 ? {} : { kind: "primary" as const })}
                  >
                    {kind.missing.length > 0 ? "How" : "Connect"}
                  </ButtonLink>
                ) : (
                  <Form action={connectChannel} hidden={{ kind: kind.kind }} quiet>
                    <Button
                      kind="primary"
                      busy="Opening"
                      says={`to ${kind.name}`}
                      disabled={kind.missing.length > 0 ? "Something is missing on this installation" : undefined}
                    >
                      Connect
                    </Button>
                  </Form>
                ),
            },
          ]}
        />
      </Section>
      <Section title="By its files" note="uploaded, looked at, then taken in; bring the next one when it is there">
        <Table<Kind>
          caption="Channels that are kept by their files"
          rows={kinds.filter((kind) => kind.takesFiles)}
          keyOf={(kind) => kind.kind}
          columns={[
            name,
            { key: "where", head: "Where the file is", wraps: true, phone: "full", cell: (kind) => files[kind.kind] },
            {
              key: "act",
              head: "Action",
              headHidden: true,
              align: "right",
              phone: "amount",
              cell: (kind) => (
                <ButtonLink href={`${here}/import?kind=${kind.kind}`} says={`of ${kind.name}`}>
                  Bring a file
                </ButtonLink>
              ),
            },
          ]}
        />
      </Section>
      <Section title="By hand" note="a market stall, a shop of your own, a friend">
        <Form action={addByFiles} hidden={{ kind: "hand" }}>
          <div className="flex items-end gap-3">
            <TextField label="Its name" name="name" maxLength={120} placeholder="Market stall" />
            <Button busy="Adding">Add</Button>
          </div>
        </Form>
        <Note small>What is sold there is recorded under Sales.</Note>
      </Section>
    </Page>
  );
}
