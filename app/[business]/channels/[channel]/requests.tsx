/** What a channel asks in a buyer's name or when a shop leaves it: a person answers, and says that it is done. */
import { Button } from "@/app/ui/button";
import { Moment } from "@/app/ui/date";
import { AskDialog } from "@/app/ui/dialog.client";
import { Form } from "@/app/ui/form";
import { Section } from "@/app/ui/section";
import { Table } from "@/app/ui/table";
import { can, type Scope } from "@/lib/people/access";
import type { PrivacyRequest } from "@/lib/sales/hooks";
import { endRequest } from "../actions";

const words: Readonly<Record<PrivacyRequest["what"], string>> = {
  asked: "A buyer asks what is kept of them. Send them what you find, through the channel.",
  erase_buyer:
    "A buyer's data must be erased. Books keep what the law of your country asks for; take the rest away. A name on an invoice is erased on its page, under Invoices and notes.",
  erase_shop: "The shop left this app: what was fetched of it must be erased, but for what the law asks you to keep.",
};

/** Long enough to find somebody by, short enough for a line. */
function told(body: unknown): string {
  const text = JSON.stringify(body) ?? "";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

export function Requests({
  scope,
  channel,
  requests,
}: {
  scope: Scope;
  channel: string;
  requests: readonly PrivacyRequest[];
}) {
  if (requests.length === 0) return null;
  return (
    <div id="requests" className="mt-8">
      <Section title="Requests about people's data" note="channels give thirty days to answer">
        <Table<PrivacyRequest>
          caption="Requests about people's data"
          rows={requests}
          keyOf={(row) => row.event}
          columns={[
            {
              key: "what",
              head: "What is asked",
              rowHead: true,
              wraps: true,
              phone: "what",
              cell: (row) => words[row.what],
            },
            {
              key: "body",
              head: "The channel's words",
              wraps: true,
              phone: "full",
              cell: (row) => <span className="n">{told(row.body)}</span>,
            },
            {
              key: "at",
              head: "Came",
              phone: "where",
              cell: (row) => <Moment at={row.receivedAt} timeZone={scope.timeZone} />,
            },
            {
              key: "act",
              head: "Action",
              headHidden: true,
              align: "right",
              phone: "amount",
              cell: (row) =>
                can(scope, "connect") ? (
                  <AskDialog
                    opens="Done"
                    title="Is this request answered?"
                    note="It ends here, and what the channel sent with it is forgotten."
                    keep="Not yet"
                  >
                    <Form action={endRequest} hidden={{ channel, event: row.event }}>
                      <Button kind="filled" busy="Ending">
                        It is answered
                      </Button>
                    </Form>
                  </AskDialog>
                ) : null,
            },
          ]}
        />
      </Section>
    </div>
  );
}
