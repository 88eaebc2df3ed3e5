import { periodKey } from "@/lib/core/reports/periods";
import type { Scope } from "@/lib/people/access";
import { hrefOf, type ListAddress } from "../../ui/address";
import { Button } from "../../ui/button";
import { DateField } from "../../ui/date-field.client";
import type { Filter } from "../../ui/filter-bar";
import { type Chosen, periodText, usualPeriods } from "./period";

/** The chip that chooses a report's period: the usual ones by name, or any days. The rest of the address is kept. */
export function periodChip(
  path: string,
  address: ListAddress,
  { period }: Chosen,
  scope: Scope,
  today: string,
): Filter {
  const kept = Object.entries({ ...address.rest, ...address.filters }).flatMap(([name, value]) =>
    ["period", "from", "to"].includes(name)
      ? []
      : (typeof value === "string" ? [value] : (value ?? [])).map((text) => [name, text] as const),
  );
  return {
    name: "Period",
    value: periodText(period),
    choices: usualPeriods(scope, today).map(({ label, key }) => ({
      label,
      href: hrefOf(path, address, { filters: { period: key, from: null, to: null } }),
      current: key === periodKey(period),
    })),
    form: (
      <form action={path} method="get" className="grid gap-2 p-3">
        {kept.map(([name, value]) => (
          <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
        ))}
        <DateField label="From" name="from" today={today} value={period.from} order={orderOf(scope)} />
        <DateField label="To" name="to" today={today} value={period.to} order={orderOf(scope)} />
        <Button>Show these days</Button>
      </form>
    ),
  };
}

/** How the business writes 11/4. */
export function orderOf(scope: Pick<Scope, "country">): "month first" | "day first" {
  return scope.country === "US" ? "month first" : "day first";
}
