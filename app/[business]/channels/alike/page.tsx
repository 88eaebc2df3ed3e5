/** What may be the same money told twice: each pair side by side, for a person to say. */
import type { Metadata } from "next";
import { type AlikePair, type DecidedPair, decidedPairs, openPairs, type Side } from "@/lib/desk/alike-reads";
import { can, type Scope } from "@/lib/people/access";
import { scopeOf } from "../../../scope";
import { Button } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { Form } from "../../../ui/form";
import { Fig, TextLink } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Note, Section } from "../../../ui/section";
import { type Column, Table } from "../../../ui/table";
import { orderHref } from "../../inventory/balances/state";
import { comparePairs, reopen } from "../actions";

export const metadata: Metadata = { title: "Told twice?" };

type Params = Promise<{ business: string }>;
type Search = Promise<{ from?: string; id?: string }>;

export default async function Alike({ params, searchParams }: { params: Params; searchParams: Search }) {
  const scope = await scopeOf(params);
  const { from, id } = await searchParams;
  const isPaged = from !== undefined && id !== undefined && /^\d{4}-\d\d-\d\d$/.test(from);
  const [open, decided] = [await openPairs(scope, isPaged ? { on: from, id } : null), await decidedPairs(scope)];
  const base = `/${scope.slug}`;
  const here = `${base}/channels/alike`;
  const last = open.pairs.at(-1);
  return (
    <Page
      path={[{ label: "Channels", href: `${base}/channels` }, { label: "Told twice?" }]}
      title="Told twice?"
      note="Amounts that a file and a channel, or a shop and a wallet, may both have told. Both stay in the books until you say."
    >
      {open.pairs.length === 0 ? (
        <Empty
          title="Nothing looks like the same money"
          actions={<TextLink href={`${base}/channels`}>All channels</TextLink>}
        />
      ) : (
        <Section title="To compare" note="the same amount, at most three days apart" first>
          <Table<AlikePair>
            caption="Amounts that may be the same"
            rows={open.pairs}
            keyOf={(pair) => pair.id}
            columns={[
              ...sides(scope),
              {
                key: "act",
                head: "What they are",
                phone: "full",
                cell: (pair) => (can(scope, "write") ? <Choice pair={pair} /> : null),
              },
            ]}
          />
          {open.isMore && last !== undefined ? (
            <p className="mt-3">
              <TextLink href={`${here}?from=${last.one.on}&id=${encodeURIComponent(last.id)}`}>Later ones</TextLink>
            </p>
          ) : null}
          {can(scope, "write") && open.pairs.length > 1 ? <AllOfThem pairs={open.pairs} /> : null}
        </Section>
      )}
      {decided.length === 0 ? null : (
        <div className="mt-8">
          <Section title="Decided" note="the latest; each can be taken back">
            <Table<DecidedPair>
              caption="Pairs that were decided"
              rows={decided}
              keyOf={(pair) => pair.id}
              columns={[
                ...sides(scope),
                {
                  key: "said",
                  head: "You said",
                  wraps: true,
                  phone: "second",
                  cell: (pair) => (
                    <>
                      {pair.state === "different" ? "two different" : said[pair.kind]}, <Day on={pair.decidedOn} />
                      {pair.state === "same" && !pair.keepsOther ? (
                        <Note small>
                          What stayed was taken back since: take this back too, or the money is told nowhere.
                        </Note>
                      ) : null}
                    </>
                  ),
                },
                {
                  key: "back",
                  head: "Action",
                  headHidden: true,
                  align: "right",
                  phone: "full",
                  cell: (pair) =>
                    can(scope, "write") ? (
                      <Form action={reopen} hidden={{ pair: pair.id }}>
                        <Button kind="link" busy="Taking back" says={`what was said of ${pair.one.what}`}>
                          Take back
                        </Button>
                      </Form>
                    ) : null,
                },
              ]}
            />
          </Section>
        </div>
      )}
    </Page>
  );
}

const said: Readonly<Record<AlikePair["kind"], string>> = {
  twice: "the same: the file's is taken back",
  payment: "the same: it is the order's payment",
};

/** The two tellings and the amount: the columns that both tables have. */
function sides<P extends AlikePair>(scope: Scope): readonly Column<P>[] {
  const column = (key: "one" | "other", head: string): Column<P> => ({
    key,
    head,
    wraps: true,
    rowHead: key === "one",
    phone: key === "one" ? "what" : "full",
    cell: (pair) => <Telling scope={scope} side={pair[key]} isPayment={pair.kind === "payment" && key === "other"} />,
  });
  return [
    column("one", "Told here"),
    column("other", "And here"),
    {
      key: "amount",
      head: "Amount",
      align: "right",
      phone: "amount",
      cell: (pair) => <Money of={{ amountMinor: pair.amount, currency: scope.currency }} />,
    },
  ];
}

function Telling({ scope, side, isPayment }: { scope: Scope; side: Side; isPayment: boolean }) {
  const what = isPayment ? `Paid elsewhere: ${side.what}` : side.what;
  return (
    <>
      <b>{side.channel}</b>, <Day on={side.on} />
      <br />
      {side.order === null ? (
        what
      ) : (
        <Fig narrow href={orderHref(`/${scope.slug}`, side.order)}>
          {what}
        </Fig>
      )}
      {side.memo === "" || side.memo === side.what ? null : <Note small>{side.memo}</Note>}
    </>
  );
}

function Choice({ pair }: { pair: AlikePair }) {
  return (
    <Form action={comparePairs} hidden={{ pairs: pair.id }} className="flex gap-2 flex-wrap items-center">
      <Button name="are" value="same" busy="Taking back" says={pair.one.what}>
        The same
      </Button>
      <Button name="are" value="different" says={pair.one.what}>
        Two different
      </Button>
    </Form>
  );
}

/** A statement's rows come by the hundred: all that are shown, said at once. */
function AllOfThem({ pairs }: { pairs: readonly AlikePair[] }) {
  return (
    <Form
      action={comparePairs}
      hidden={{ pairs: pairs.map(({ id }) => id).join(" ") }}
      className="mt-4 flex gap-2 flex-wrap items-center"
    >
      <span>All {pairs.length} that are shown:</span>
      <Button name="are" value="same" busy="Taking back" says="all that are shown">
        The same
      </Button>
      <Button name="are" value="different" says="all that are shown">
        Two different
      </Button>
    </Form>
  );
}
