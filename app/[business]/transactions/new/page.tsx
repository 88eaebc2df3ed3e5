import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { moneyAccounts } from "@/lib/money/money-accounts";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import { Button, ButtonLink } from "../../../ui/button";
import { FormActions } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Page } from "../../../ui/page-frame";
import { record } from "../actions";
import { HandFields } from "../hand-fields";

export const metadata: Metadata = { title: "Add a transaction" };

export default async function NewTransaction({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  if (!can(scope, "write")) notFound();
  const here = `/${scope.slug}/transactions`;
  return (
    <Page
      path={[{ label: "Transactions", href: here }, { label: "Add by hand" }]}
      title="Add a transaction"
      note="For what no statement tells, such as cash. When a statement brings the same line later, it is shown as doubtful."
    >
      <div className="max-w-[640px]">
        <Form action={record}>
          <HandFields scope={scope} accounts={await moneyAccounts(scope)} />
          <FormActions ruled>
            <Button kind="primary" busy="Saving">
              Save transaction
            </Button>
            <ButtonLink href={here} kind="quiet">
              Cancel
            </ButtonLink>
          </FormActions>
        </Form>
      </div>
    </Page>
  );
}
