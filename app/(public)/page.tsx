import { redirect } from "next/navigation";
import { businessesOf } from "@/lib/people/access";
import { signedIn } from "../auth";
import { Brand } from "../ui/brand";
import { ButtonLink } from "../ui/button";
import { Roll, Tape } from "../ui/tape";

/** The outside; who is signed in goes straight to their books. */
export default async function Outside() {
  const person = await signedIn();
  if (person !== null) {
    const [first] = await businessesOf(person.id);
    redirect(first === undefined ? "/start" : `/${first.slug}`);
  }
  return (
    <div className="mx-auto max-w-[1080px] px-5 pb-16">
      <header className="flex items-center justify-between py-5">
        <Brand />
        <nav className="flex gap-2" aria-label="Ways in">
          <ButtonLink href="/sign-in">Sign in</ButtonLink>
          <ButtonLink href="/sign-up" kind="primary">
            Make an account
          </ButtonLink>
        </nav>
      </header>
      <main>
        <div className="cols mt-10">
          <div className="max-w-[520px]">
            <h1>The books of people who sell online, lot by lot</h1>
            <p className="mt-4 text-14 text-ink-2">
              Say once what was in a purchase. From then on every sale on every channel takes its cost from the oldest
              lot that is left, fees and refunds find their place, and each payout is proved against its deposit.
            </p>
            <p className="mt-3 text-14 text-ink-2">
              You see what you earned, what needs you, and why each figure is what it is: any number opens down to the
              receipt.
            </p>
          </div>
          <div>
            <div className="slip mx-auto">
              <p className="font-semibold">Order 1042, 14 November</p>
              <p className="s q">Two clamp lamps, sold for 96.00</p>
              <hr className="my-3" />
              <Roll
                title="What an order earned"
                lines={[
                  { label: "Sold", value: "96.00" },
                  { label: "Fees and postage", op: "−", value: "19.31" },
                  { label: "Cost, 2 from the lot of 3 March", op: "−", value: "41.28" },
                  { label: "Profit", op: "=", value: "35.41", sum: true, proved: true },
                ]}
              />
            </div>
          </div>
        </div>
        <section className="mt-12" aria-label="A year, as an example">
          <Tape
            terms={[
              { label: "Inventory on 1 January", value: "8,140.22" },
              { label: "Purchases", op: "+", value: "21,906.15" },
              { label: "Cost of goods sold", op: "−", value: "19,388.07" },
              { label: "Inventory today", op: "=", value: "10,658.30", asked: true, proved: true },
            ]}
          />
        </section>
      </main>
    </div>
  );
}
