import { standingOf } from "@/lib/desk/issued-reads";
import { can, isLimited, type Scope } from "@/lib/people/access";
import { stockDocument } from "@/lib/stock/item-ledger";
import type { ItemView } from "@/lib/stock/item-reads";
import { movementKinds } from "@/lib/stock/ledger-filter";
import { movementNames } from "@/lib/stock/ledger-words";
import { Button, ButtonLink } from "../../../../ui/button";
import { dayText } from "../../../../ui/days";
import { Empty } from "../../../../ui/empty";
import { Fields, TextAreaField, TextField } from "../../../../ui/field";
import { Form } from "../../../../ui/form";
import { TextLink } from "../../../../ui/link";
import { Sheet, SheetBody, SheetFoot } from "../../../../ui/sheet";
import { debitNote } from "../../../documents/actions";
import { documentHref } from "../../../documents/state";
import { DocumentLines } from "../../document-lines";
import { changeBarcodes, changeItem } from "../actions";

/** Changes an item's name, SKU and other names, and its barcodes. */
export function EditSheet({ item, codes, closeHref }: { item: ItemView; codes: readonly string[]; closeHref: string }) {
  return (
    <Sheet title="Change item" note="Sales are matched by SKU and by each of these names." closeHref={closeHref}>
      <Form action={changeItem} hidden={{ item: item.id }}>
        <SheetBody>
          <Fields>
            <TextField label="Name" name="name" value={item.name} maxLength={500} />
            <TextField label="SKU" name="sku" value={item.sku ?? ""} maxLength={200} optional />
            <TextAreaField
              label="Other names"
              name="aliases"
              value={item.aliases.join("\n")}
              rows={4}
              hint="One a line: how channels and suppliers call it."
              optional
            />
          </Fields>
        </SheetBody>
        <SheetFoot>
          <Button kind="primary" busy="Saving">
            Save item
          </Button>
          <ButtonLink href={closeHref} stay>
            Close
          </ButtonLink>
        </SheetFoot>
      </Form>
      <Form action={changeBarcodes} hidden={{ item: item.id }}>
        <SheetBody>
          <Fields>
            <TextAreaField
              label="Barcodes"
              name="codes"
              value={codes.join("\n")}
              rows={3}
              hint="One a line, as they are printed on it. They find it when it is counted; sales are not matched by them."
              optional
            />
          </Fields>
        </SheetBody>
        <SheetFoot>
          <Button busy="Saving">Save barcodes</Button>
        </SheetFoot>
      </Form>
    </Sheet>
  );
}

/** What a document that has no page of its own holds. */
export async function DocumentSheet({
  scope,
  document,
  closeHref,
}: {
  scope: Scope;
  document: Readonly<{ kind: string; id: string }>;
  closeHref: string;
}) {
  const found = await stockDocument(scope, document.kind, document.id);
  const base = `/${scope.slug}`;
  const kind = movementKinds.find((one) => one === document.kind);
  return (
    <Sheet
      title={kind === undefined ? "Document" : movementNames[kind]}
      closeHref={closeHref}
      note={
        found === null
          ? undefined
          : [
              found.number,
              dayText(found.on),
              found.arrivesOn === null ? "" : `arrives ${dayText(found.arrivesOn)}`,
              found.from === null ? "" : `${found.from} to ${found.to ?? ""}`,
              found.note,
            ]
              .filter((one) => one !== "")
              .join(" · ")
      }
    >
      <SheetBody>
        {found === null ? (
          <Empty title="There is no such document">It may have been taken back.</Empty>
        ) : (
          <>
            <DocumentLines base={base} currency={scope.currency} of={found} />
            {found.kind === "purchase_return" && !isLimited(scope) ? <DebitNote scope={scope} id={found.id} /> : null}
          </>
        )}
      </SheetBody>
      <SheetFoot>
        <ButtonLink href={closeHref} stay>
          Close
        </ButtonLink>
      </SheetFoot>
    </Sheet>
  );
}

/** The debit note of what went back to a supplier, or the way to one. */
async function DebitNote({ scope, id }: { scope: Scope; id: string }) {
  const fact = `purchase_return/${id}`;
  const issued = (await standingOf(scope, [fact])).get(fact);
  if (issued !== undefined)
    return (
      <p className="mt-4">
        <TextLink href={documentHref(`/${scope.slug}`, issued.id)}>Debit note {issued.number}</TextLink>
      </p>
    );
  if (!can(scope, "write")) return null;
  return (
    <Form action={debitNote} hidden={{ document: id }} className="mt-4">
      <Button busy="Issuing">Issue a debit note</Button>
    </Form>
  );
}
