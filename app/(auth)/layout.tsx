import type { ReactNode } from "react";
import { Brand } from "../ui/brand";
import { Roll } from "../ui/tape";

/** The ways in: the form at left, and beside it what Lotbook does, as one receipt. */
export default function WaysIn({ children }: { children: ReactNode }) {
  return (
    <main className="sign">
      <div className="way">
        <Brand href="/" />
        <div className="middle">{children}</div>
        <p className="s f">Your books stay yours: take all of them away, any day, in files you can open.</p>
      </div>
      <aside className="beside" aria-label="An example">
        <figure>
          <div className="slip">
            <p className="font-semibold">Receipt, 3 March</p>
            <p className="s q">How a purchase becomes lots</p>
            <hr className="my-3" />
            <Roll
              title="A receipt spread over two lots"
              lines={[
                { label: "Widget 1, 500 pieces", value: "200.00" },
                { label: "Widget 2, 100 pieces", value: "50.00" },
                { label: "Tax and shipping", value: "59.60" },
                { label: "Paid", value: "309.60", sum: true, proved: true },
              ]}
            />
            <hr className="my-3" />
            <p className="s q mb-1">becomes, tax and shipping by value</p>
            <Roll
              title="The two lots"
              lines={[
                { label: "Lot of 500", value: "247.68" },
                { label: "Lot of 100", value: "61.92" },
                { label: "In your inventory", value: "309.60", sum: true, proved: true },
              ]}
            />
          </div>
          <figcaption className="s f mt-6 text-center">To the cent, every time.</figcaption>
        </figure>
      </aside>
    </main>
  );
}
