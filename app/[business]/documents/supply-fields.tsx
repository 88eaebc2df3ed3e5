import { abroad, states, supplies, supplyNames } from "@/lib/core/gst";
import { SelectField } from "../../ui/field";

/** Where it goes to and what kind of supply it is: which tax it has follows from that. */
export function SupplyFields() {
  return (
    <>
      <SelectField
        label="Place of supply"
        name="pos"
        value=""
        hint="Empty: the state of their GSTIN; of a buyer whose address is not on it, your own."
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
        options={supplies.map((supply) => ({ value: supply, label: supplyNames[supply] }))}
      />
    </>
  );
}
