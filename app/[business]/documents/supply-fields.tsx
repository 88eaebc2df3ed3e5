import type { ShipTo } from "@/lib/core/facts";
import { abroad, stateOfDelivery, states, supplies, supplyNames } from "@/lib/core/gst";
import { SelectField } from "../../ui/field";

/**
 * Where it goes to and what kind of supply it is: which tax it has follows from that. `to` is where the order was delivered to: its state is
 * proposed, and of an order that left the country it is said that somebody has to choose an export.
 */
export function SupplyFields({ to = null }: { to?: ShipTo | null }) {
  const place = to === null ? null : stateOfDelivery(to);
  const proposed = place === abroad ? null : place;
  return (
    <>
      <SelectField
        label="Place of supply"
        name="pos"
        value={proposed ?? ""}
        hint={
          proposed === null
            ? "Empty: the state of their GSTIN; of a buyer whose address is not on it, your own."
            : "Proposed: where the order was delivered to. Empty: the state of their GSTIN."
        }
        options={[
          { value: "", label: "Follows from the GSTIN" },
          ...states
            .filter(({ code }) => code !== abroad)
            .map(({ code, name }) => ({ value: code, label: `${code} ${name}` })),
        ]}
      />
      <SelectField
        label="Kind of supply"
        name="supply"
        value="regular"
        hint={place === abroad ? "It was delivered out of India: choose which export it is." : undefined}
        options={supplies.map((supply) => ({ value: supply, label: supplyNames[supply] }))}
      />
    </>
  );
}
