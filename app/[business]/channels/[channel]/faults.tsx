/** What can be made to go wrong at the practice market, to see that nothing is lost by it. */
import { Button } from "@/app/ui/button";
import { countText } from "@/app/ui/figures";
import { Form } from "@/app/ui/form";
import { Note, Section } from "@/app/ui/section";
import { State } from "@/app/ui/state";
import { Table } from "@/app/ui/table";
import type { PracticeFault, PracticeState } from "@/lib/sales/practice-faults";
import { switchFault } from "../actions";

type Fault = Readonly<{ fault: PracticeFault; name: string; says: string }>;

const faults: readonly Fault[] = [
  { fault: "throttle", name: "Too many calls", says: "The next 5 calls answer 429 and ask to wait 2 seconds." },
  { fault: "fail", name: "One failure", says: "The next call answers 500." },
  { fault: "slow", name: "Slow", says: "The next 10 calls take 3 seconds each." },
  { fault: "html", name: "A web page", says: "The next call answers with HTML, as a market under repair does." },
  { fault: "expire", name: "Expired token", says: "All access tokens end now; the next sync has to renew its own." },
  { fault: "change", name: "Changing pages", says: "Orders change, move and repeat while pages are read." },
];

export function Faults({ channel, state }: { channel: string; state: PracticeState }) {
  return (
    <Section
      title="Faults"
      note="switched on at the practice market, for everybody who is connected to it; then press Sync now"
      more={
        state === null ? undefined : (
          <Form action={switchFault} hidden={{ channel, fault: "off" }}>
            <Button kind="link">All off</Button>
          </Form>
        )
      }
    >
      {state === null ? (
        <Note>The practice market does not answer, so no fault can be switched on.</Note>
      ) : (
        <Table<Fault>
          caption="Faults of the practice market"
          rows={faults}
          keyOf={(row) => row.fault}
          columns={[
            { key: "name", head: "Fault", rowHead: true, phone: "what", cell: (row) => row.name },
            { key: "says", head: "What happens", wraps: true, phone: "full", cell: (row) => row.says },
            {
              key: "state",
              head: "Now",
              phone: "where",
              cell: (row) => {
                const left = state[row.fault] ?? 0;
                return left > 0 ? (
                  <State kind="work">strikes {countText(left)} more</State>
                ) : (
                  <State kind="waiting">Off</State>
                );
              },
            },
            {
              key: "act",
              head: "Action",
              headHidden: true,
              align: "right",
              phone: "amount",
              cell: (row) => (
                <Form action={switchFault} hidden={{ channel, fault: row.fault }}>
                  <Button kind="link" says={row.name}>
                    Switch on
                  </Button>
                </Form>
              ),
            },
          ]}
        />
      )}
    </Section>
  );
}
