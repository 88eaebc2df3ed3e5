import { TextLink } from "@/app/ui/link";
import { Sheet } from "@/app/ui/sheet";
import { Tape } from "@/app/ui/tape";
import { KitGrid } from "./grid-part.client";

/** Add details, as a sheet over the page. */
export function KitSheet() {
  return (
    <Sheet
      title="Add details"
      closeHref="/kit"
      note={
        <>
          Brimfield Wholesale, paid 19 Nov 2026 with Visa ··4417. Purchase <TextLink href="/kit">P-1072</TextLink>
        </>
      }
      tape={
        <Tape
          terms={[
            { label: "Paid", value: "486.22" },
            { op: "−", label: "Products", value: "339.70" },
            { op: "−", label: "Extra costs", value: "48.52" },
            { op: "=", label: "Still to detail", value: "98.00", asked: true, left: true },
          ]}
        />
      }
    >
      <KitGrid />
    </Sheet>
  );
}
