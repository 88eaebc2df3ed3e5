import type { ReactNode } from "react";
import { Brand } from "./brand";
import { Roll } from "./tape";

/** The frame of sign-in, sign-up and invitations: the way in at left, a receipt that becomes lots at right. */
export function SignFrame({ children, foot }: { children: ReactNode; foot?: ReactNode | undefined }) {
  return (
    <main className="sign">
      <div className="way">
        <Brand href="/" />
        <div className="middle">{children}</div>
        <p className="s f">{foot ?? "Your books stay yours: take all of them away, any day, in files you can open."}</p>
      </div>
      <div className="beside">
        <figure>
          <div className="slip">
            <p>
              <b>Receipt, 3 March</b>
            </p>
            <p className="s q">How a purchase becomes lots</p>
            <hr />
            <Roll
              title="A receipt spread over two lots"
              lines={[
                { label: "Widget 1, 500 pieces", value: "200.00" },
                { label: "Widget 2, 100 pieces", value: "50.00" },
                { label: "Tax and shipping", value: "59.60" },
                { label: "Paid", value: "309.60", sum: true, proved: true },
              ]}
            />
            <hr />
            <p className="s q" style={{ marginBottom: 4 }}>
              becomes, tax and shipping by value
            </p>
            <Roll
              title="The two lots"
              lines={[
                { label: "Lot of 500", value: "247.68" },
                { label: "Lot of 100", value: "61.92" },
                { label: "In your inventory", value: "309.60", sum: true, proved: true },
              ]}
            />
          </div>
          <figcaption className="s f" style={{ marginTop: 24, textAlign: "center" }}>
            To the cent, every time.
          </figcaption>
        </figure>
      </div>
    </main>
  );
}
