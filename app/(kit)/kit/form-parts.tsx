import { Button, ButtonLink } from "@/app/ui/button";
import { AskDialog } from "@/app/ui/dialog.client";
import { Empty } from "@/app/ui/empty";
import {
  CheckField,
  ComboField,
  DateField,
  Fields,
  FileField,
  FormActions,
  MoneyField,
  NumberField,
  RadioField,
  SelectField,
  TextAreaField,
  TextField,
} from "@/app/ui/field";
import { FilterBar } from "@/app/ui/filter-bar";
import { Form } from "@/app/ui/form";
import { TextLink } from "@/app/ui/link";
import { Alert, Columns, Section, Warn } from "@/app/ui/section";
import { State } from "@/app/ui/state";
import { Tabs } from "@/app/ui/tabs";
import { Tag } from "@/app/ui/tag";
import { ToastCard } from "@/app/ui/toast";
import { keep } from "./actions";

const products = [
  {
    id: "1",
    label: "Storm lantern, rust",
    aside: "LNT-RY",
    evidence: "Sold on eBay and Shopify. Last paid 23.80 each, 24 Jul",
  },
  { id: "2", label: "Lantern wicks, pack of 10", aside: "no SKU", evidence: "Seen on Etsy, never bought" },
  { id: "3", label: "Enamel mug, 12 oz", aside: "ENM-12", evidence: "Last paid 6.50 each, 19 Nov" },
];

const buttons = [
  { kind: "primary", name: "Primary, one a view", text: "Save", busy: "Saving" },
  { kind: "plain", name: "Plain", text: "Export", busy: "Exporting" },
  { kind: "quiet", name: "Quiet", text: "Unpair", busy: "Unpairing" },
  { kind: "destructive", name: "Destructive", text: "Take back 214 rows", busy: "Taking back" },
] as const;

/** Buttons, fields, tags, states, messages, dialog, empty. */
export function FormParts() {
  return (
    <>
      <Section title="Buttons" first>
        <div className="scroll">
          <table className="tbl" style={{ minWidth: 760 }}>
            <caption className="vh">Buttons</caption>
            <thead>
              <tr>
                <td />
                {["Default", "Hover", "Focus", "Active", "Busy", "Disabled"].map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {buttons.map((one) => (
                <tr key={one.kind}>
                  <th scope="row" style={{ width: 150 }}>
                    {one.name}
                  </th>
                  {[undefined, "is-hover", "is-focus", "is-active"].map((state) => (
                    <td key={state ?? "default"}>
                      <Button kind={one.kind} type="button" className={state}>
                        {one.text}
                      </Button>
                    </td>
                  ))}
                  <td>
                    <Button kind={one.kind} busy={one.busy} always>
                      {one.text}
                    </Button>
                  </td>
                  <td>
                    <Button kind={one.kind} disabled="Nothing is chosen yet">
                      {one.text}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
      <Columns>
        <Section title="Fields" first>
          <Form action={keep}>
            <Fields columns={2}>
              <TextField label="Text" name="item" value="Brass coat hooks, pair" />
              <ComboField
                label="Product"
                name="product"
                options={products}
                create="New product"
                placeholder="Name or SKU"
              />
              <MoneyField
                label="Money"
                name="cost"
                currency="USD"
                value="1,240.50"
                hint="142.00 is refused; =12*6.5 is read"
              />
              <MoneyField
                label="Money, wrong"
                name="wrong"
                currency="USD"
                value="12.4.0"
                error="12.4.0 has two points. Write 12.40 or 1240."
              />
              <DateField label="Date" name="day" today="2026-11-21" value="2026-11-14" closedThrough="2026-10-31" />
              <SelectField
                label="Select"
                name="place"
                options={[
                  { value: "garage", label: "Garage" },
                  { value: "stall", label: "Market stall" },
                ]}
              />
              <NumberField label="Quantity" name="qty" value="24" optional />
              <TextField label="Disabled" name="off" value="76.00" disabled="It is computed" align="right" />
              <RadioField
                label="It goes"
                name="goes"
                value="shelf"
                options={[
                  { value: "shelf", label: "back on the shelf" },
                  { value: "gone", label: "gone" },
                ]}
              />
              <FileField label="Statement" name="file" accept=".csv,.ofx,.qfx,.qif" />
              <TextAreaField label="Note" name="note" optional rows={2} all />
              <CheckField label="Put back on the shelf" name="back" checked />
            </Fields>
            <FormActions ruled end={<span className="note">1 of 14 without a cost</span>}>
              <Button kind="primary" busy="Saving">
                Save cost of 42.00
              </Button>
              <Button name="then" value="next" busy="Saving">
                Save and go to the next
              </Button>
              <ButtonLink kind="quiet" href="/kit">
                Cancel
              </ButtonLink>
            </FormActions>
          </Form>
        </Section>
        <div>
          <Section title="Tags and states" first>
            <div className="scroll">
              <table className="tbl">
                <caption className="vh">Tags and states</caption>
                <tbody>
                  <tr>
                    <th scope="row" style={{ width: 150 }}>
                      Left to do
                    </th>
                    <td className="actions">
                      <Tag href="/kit">Add details</Tag>
                      <Tag href="/kit">Add costs</Tag>
                      <Tag>Choose item</Tag>
                    </td>
                  </tr>
                  <tr>
                    <th scope="row">Done, proved</th>
                    <td>
                      <State kind="done">Proved, 0.00 left over</State>
                    </td>
                  </tr>
                  <tr>
                    <th scope="row">At work</th>
                    <td>
                      <State kind="work">First sync, 41%</State>
                    </td>
                  </tr>
                  <tr>
                    <th scope="row">Waiting</th>
                    <td>
                      <State kind="waiting">Waiting for orders</State>
                    </td>
                  </tr>
                  <tr>
                    <th scope="row">Wrong</th>
                    <td>
                      <State kind="wrong">4.10 left over</State>
                    </td>
                  </tr>
                </tbody>
              </table>
            </div>
          </Section>
          <Section title="Filters and tabs">
            <FilterBar
              filters={[
                {
                  name: "Channel",
                  value: "all",
                  choices: [
                    { label: "All channels", href: "/kit", current: true },
                    { label: "eBay", href: "/kit?channel=ebay" },
                    { label: "Etsy", href: "/kit?channel=etsy" },
                  ],
                },
                { name: "Cost missing", value: "14", on: true, href: "/kit?missing=1", off: "/kit" },
              ]}
              end="Newest first"
            />
            <Tabs
              label="This item"
              tabs={[
                { label: "Ledger", href: "/kit", current: true },
                { label: "Lots", href: "/kit?tab=lots" },
                { label: "Listings", href: "/kit?tab=listings", count: 2 },
              ]}
            />
          </Section>
          <Section title="Messages">
            <ToastCard>
              <span>Cost of 42.00 saved.</span> <a href="/kit">Take back</a>
            </ToastCard>
            <div style={{ marginTop: 12 }}>
              <Alert>
                Nothing was saved: another person changed row 2 at 14:29. <TextLink href="/kit">See both</TextLink>
              </Alert>
            </div>
            <div style={{ marginTop: 12 }}>
              <Warn>
                Two purchases fit this deposit. <TextLink href="/kit">Choose one</TextLink>
              </Warn>
            </div>
          </Section>
          <Section title="Dialog" note="only to confirm what cannot be seen from here">
            <AskDialog
              opens="Take back this sync"
              title="Take back the sync of 17 Nov?"
              note="1 payout and its pairing with the deposit of 331.76 leave the books through further entries. Your own matches stay and apply again on the next sync."
              keep="Keep it"
            >
              <Form action={keep} hidden={{ cost: "331.76" }}>
                <Button kind="filled" busy="Taking back">
                  Take back 1 payout
                </Button>
              </Form>
            </AskDialog>
          </Section>
          <Section title="Empty">
            <Empty
              title="No purchases in 2026 yet"
              actions={
                <>
                  <ButtonLink kind="primary" href="/kit">
                    Record a purchase
                  </ButtonLink>
                  <ButtonLink kind="quiet" href="/kit">
                    Connect a bank
                  </ButtonLink>
                </>
              }
            >
              Connect a bank or card, and what you categorise as Inventory appears here. Or record one by hand.
            </Empty>
          </Section>
        </div>
      </Columns>
    </>
  );
}
