import { type IssuedRow, issuedNames } from "@/lib/desk/issued-reads";
import type { Scope } from "@/lib/people/access";
import { TextLink } from "../../../ui/link";
import { Section } from "../../../ui/section";
import { documentHref } from "../../documents/state";

/** The debit notes that were issued for what went back of a purchase. */
export function Notes({ scope, issued }: { scope: Scope; issued: readonly IssuedRow[] }) {
  if (issued.length === 0) return null;
  return (
    <Section title="Sent back">
      <ul>
        {issued.map((row) => (
          <li key={row.id}>
            <TextLink href={documentHref(`/${scope.slug}`, row.id)}>
              {issuedNames[row.kind]} {row.number}
            </TextLink>
            {row.why === null ? "" : ", cancelled"}
          </li>
        ))}
      </ul>
    </Section>
  );
}
