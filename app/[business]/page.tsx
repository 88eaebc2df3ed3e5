import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { periodKey } from "@/lib/core/reports/periods";
import { type Earned, type Home as HomeFigures, homeOf } from "@/lib/desk/home";
import { needsOf } from "@/lib/needs";
import { can, isLimited } from "@/lib/people/access";
import { type BusinessParams, stockScopeOf } from "../scope";
import { longDayText } from "../ui/days";
import { shareText } from "../ui/figures";
import { Fig, TextLink } from "../ui/link";
import { Money } from "../ui/money";
import { NeedsYou } from "../ui/needs-you";
import { Page } from "../ui/page-frame";
import { Columns, Note, Section } from "../ui/section";
import { Roll, Tape } from "../ui/tape";
import { FirstSteps } from "./first-steps";
import { ProfitByMonth, SalesByChannel } from "./home-parts";
import { needsShown, soldAddress } from "./needs-shown";
import { periodText } from "./reports/period";

export const metadata: Metadata = { title: "Home" };

export default async function Home({ params }: { params: BusinessParams }) {
  const scope = await stockScopeOf(params);
  // Their first page is what is on their shelves.
  if (isLimited(scope)) redirect(`/${scope.slug}/inventory/in-stock`);
  const [home, needs] = [await homeOf(scope), await needsOf(scope)];
  const base = `/${scope.slug}`;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const { has } = home;
  const path = [{ label: longDayText(home.today) }];
  // A first channel in another currency brings nothing into the books until there is a rate: that is what is to be said then.
  const waitsForRates = needs.some(({ kind }) => kind === "rates");
  if (!has.sales && !has.purchases && !has.transactions && !waitsForRates)
    return (
      <Page
        path={path}
        title="Home"
        note="There is nothing in the books yet. Begin where you like; the order does not matter."
      >
        <FirstSteps
          base={base}
          has={has}
          mayWrite={can(scope, "write")}
          mayConnect={can(scope, "connect")}
          isDemo={scope.isDemo}
        />
      </Page>
    );
  const shown = needsShown(needs, scope);
  const things = needs.reduce((sum, { count }) => sum + count, 0);
  const isMore = needs.some((need) => need.isMore);
  const month = new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" }).format(new Date(home.today));
  const earned = (label: string, { period, profit, covered }: Earned) => ({
    label,
    value: (
      <Fig href={`${base}/reports/profit?period=${periodKey(period)}`}>
        <Money of={money(profit.netProfit.amount)} zero="figure" />
      </Fig>
    ),
    asked: true,
    sub:
      covered.sales <= 0n ? (
        "nothing sold yet"
      ) : (
        <>
          cost known for{" "}
          <TextLink href={soldAddress(base, { missing: covered.lines > 0, period })}>
            {shareText(covered.known, covered.sales)}
          </TextLink>{" "}
          of sales
        </>
      ),
  });
  const held = home.held.reduce((sum, { amount }) => sum + amount, 0n);
  const inLots = home.inventory.balance - home.inventory.toDetail;
  return (
    <Page path={path} title="Home">
      <Tape
        terms={[
          earned(`Profit, ${month} to date`, home.month),
          earned(`Profit, ${periodText(home.year.period)} to date`, home.year),
          {
            label: "Inventory",
            value: (
              <Fig href={`${base}/inventory/balances`}>
                <Money of={money(home.inventory.balance)} zero="figure" />
              </Fig>
            ),
            asked: true,
            sub: (
              <>
                <Money of={money(inLots)} zero="figure" /> in lots,{" "}
                <Money of={money(home.inventory.toDetail)} zero="figure" /> to detail
              </>
            ),
          },
          {
            label: "Held by channels",
            value: (
              <Fig href={`${base}/channels`}>
                <Money of={money(held)} zero="figure" />
              </Fig>
            ),
            asked: true,
            sub:
              home.inTransit === 0n ? undefined : (
                <>
                  <Money of={money(home.inTransit)} /> on its way to the bank
                </>
              ),
          },
        ]}
      />
      <Columns kind="home" lead>
        <div>
          <Section
            title="Needs you"
            note={
              things === 0
                ? undefined
                : `${things.toLocaleString("en-US")}${isMore ? "+" : ""} ${things === 1 ? "thing" : "things"}`
            }
            first
          >
            <NeedsYou needs={shown} />
          </Section>
          <MoneyHeld home={home} base={base} currency={scope.currency} />
        </div>
        <div>
          <ProfitByMonth home={home} base={base} currency={scope.currency} />
          <SalesByChannel home={home} base={base} currency={scope.currency} />
        </div>
      </Columns>
    </Page>
  );
}

/** What channels hold for the seller and what is in the bank, each account a way into its postings. */
function MoneyHeld({ home, base, currency }: { home: HomeFigures; base: string; currency: string }) {
  const money = (amountMinor: bigint) => ({ amountMinor, currency });
  const account = (code: string, name: string) => <Fig href={`${base}/reports/accounts/${code}`}>{name}</Fig>;
  const together = (rows: readonly { amount: bigint }[]) => rows.reduce((sum, { amount }) => sum + amount, 0n);
  const held = home.held.filter(({ amount }) => amount !== 0n);
  return (
    <>
      <Section title="Held by channels">
        {held.length === 0 && home.inTransit === 0n ? (
          <Note>No channel holds money for you now.</Note>
        ) : (
          <Roll
            title="Money held by channels"
            lines={[
              ...held.map(({ code, name, amount }) => ({
                label: account(code, name),
                value: <Money of={money(amount)} />,
              })),
              ...(held.length > 1
                ? [{ label: "Together", value: <Money of={money(together(held))} zero="figure" />, sum: true }]
                : []),
              ...(home.inTransit === 0n
                ? []
                : [
                    {
                      label: account("1180", "Paid out, not yet in the bank"),
                      value: <Money of={money(home.inTransit)} />,
                    },
                  ]),
            ]}
          />
        )}
      </Section>
      <Section title="In the bank">
        <Roll
          title="Balances of bank, card and cash accounts"
          lines={[
            ...home.banks.map(({ code, name, amount }) => ({
              label: account(code, name),
              value: <Money of={money(amount)} zero="figure" />,
            })),
            ...(home.banks.length > 1
              ? [{ label: "Together", value: <Money of={money(together(home.banks))} zero="figure" />, sum: true }]
              : []),
          ]}
        />
        {home.has.transactions ? null : (
          <Note small>
            As far as the books know: no statement is in yet.{" "}
            <TextLink href={`${base}/transactions/import`}>Import one</TextLink>
          </Note>
        )}
      </Section>
    </>
  );
}
