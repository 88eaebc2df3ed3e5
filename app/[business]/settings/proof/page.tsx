import type { Metadata } from "next";
import { proofState } from "@/lib/books/proof";
import type { Check } from "@/lib/books/verify";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import { Button } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { countText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { TextLink } from "../../../ui/link";
import { Note, Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";
import { SettingsArea } from "../area";
import { prove } from "./actions";
import { findingHref } from "./finding";

export const metadata: Metadata = { title: "Prove the books" };

/** What the last proof of the books said, check by check, and the button that proves them again. */
export default async function Proof({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  const { last, isAsked } = await proofState(scope);
  const base = `/${scope.slug}`;
  const button = can(scope, "write") ? (
    <Form action={prove}>
      <Button kind="primary" busy="Proving" disabled={isAsked ? "A proof is under way" : undefined}>
        Prove the books
      </Button>
    </Form>
  ) : null;
  const findings = last?.findings ?? 0;
  return (
    <SettingsArea scope={scope} at="proof">
      <Section
        title="Prove the books"
        note={
          last === null ? undefined : (
            <>
              last on <Moment at={last.at} timeZone={scope.timeZone} />, in {countText(last.tookMs)} ms
            </>
          )
        }
        first
      >
        <div className="mb-4 flex flex-wrap items-center justify-between gap-4">
          <div className="max-w-[640px]">
            <Note>
              Every cost, quantity and entry is worked out again from what was recorded, and compared with the books to
              the cent; the journal’s entries are counted, and their chain of hashes is walked, so that a byte changed
              behind our back is named by its entry. Nothing is changed by it.
            </Note>
            {isAsked ? (
              <p className="mt-2">
                <State kind="work">A proof is under way. Load the page again in a minute.</State>
              </p>
            ) : last === null ? null : (
              <p className="mt-2">
                {findings === 0 ? (
                  <State kind="done">Proved: all {last.checks.length} checks hold, nothing is left over</State>
                ) : (
                  <State kind="wrong">
                    {countText(findings)} {findings === 1 ? "finding" : "findings"}, named below
                  </State>
                )}
              </p>
            )}
          </div>
          {last === null ? null : button}
        </div>
        <Table<Check>
          caption="Checks of the last proof"
          rows={last?.checks ?? []}
          keyOf={(check) => check.name}
          columns={[
            { key: "check", head: "Check", rowHead: true, phone: "what", cell: (check) => check.name },
            { key: "rule", head: "Rule", quiet: true, low: true, cell: (check) => check.invariant },
            {
              key: "looked",
              head: "Looked at",
              align: "right",
              phone: "second",
              cell: (check) => countText(check.looked),
            },
            {
              key: "result",
              head: "Result",
              width: 140,
              phone: "amount",
              cell: (check) =>
                check.findings.length === 0 ? (
                  <State kind="done">holds</State>
                ) : (
                  <State kind="wrong">
                    {countText(check.findings.length)} {check.findings.length === 1 ? "finding" : "findings"}
                  </State>
                ),
            },
          ]}
          under={(check) => (check.findings.length === 0 ? null : <Findings check={check} base={base} />)}
          empty={
            <Empty title="The books were not proved yet" actions={button}>
              It takes a second or two; large books are proved by a job of some minutes.
            </Empty>
          }
        />
      </Section>
      {last === null || last.head === null ? null : (
        <Section title="Where the journal ended" note="when it was proved">
          <div className="max-w-[640px]">
            <p className="n mb-2 break-all">
              Entry {countText(BigInt(last.head.entryNo))}, block {countText(BigInt(last.head.blockNo))}:{" "}
              {last.head.hash}
            </p>
            <Note>
              Write this line down, or send it to your accountant. Each later proof looks for it in the chain: whoever
              rewrites what was posted until then, even as a whole, can no longer come to it.
            </Note>
          </div>
        </Section>
      )}
    </SettingsArea>
  );
}

function Findings({ check, base }: { check: Check; base: string }) {
  return (
    <ul>
      {check.findings.map(({ what, expected, found }) => {
        const href = findingHref(base, what);
        return (
          <li key={`${what} ${found}`} className="py-1">
            {what}: expected {expected}, found {found}.{" "}
            {href === null ? null : (
              <TextLink href={href} says={`for ${what}`}>
                Look
              </TextLink>
            )}
          </li>
        );
      })}
    </ul>
  );
}
