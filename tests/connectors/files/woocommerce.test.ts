import { describe, expect, it } from "vitest";
import { countsOf, expectProven, factsOf, hasFixtures, kindOf, readFixture, readText, total, typesOf } from "./books";

const header =
  "order_number,order_date,status,payment_method_title,order_currency,shipping_total,tax_total,discount_total,order_total,refunded_total,product_name,sku,quantity,item_total";
const read = (...rows: readonly string[]) => readText([header, ...rows].join("\n"));

describe("WooCommerce's orders", () => {
  it("give an order of several rows once; its money is with the gateway", () => {
    const reading = read(
      "51,2026-03-01 10:00:00,completed,Stripe,USD,5.00,1.00,0,36.00,0,Mug,M-1,2,20.00",
      "51,2026-03-01 10:00:00,completed,Stripe,USD,,,,,,Print,P-1,1,10.00",
    );
    const facts = factsOf(reading);
    expectProven(facts, 0n);
    expect(kindOf(facts, "order")).toMatchObject([
      {
        id: "woocommerce/order/51",
        lines: [
          { sku: "M-1", qty: 2n, amount: 2000n },
          { sku: "P-1", qty: 1n, amount: 1000n },
        ],
        shipping: 500n,
        tax: 100n,
        taxBy: "seller",
      },
    ]);
    expect(kindOf(facts, "charge")).toMatchObject([{ category: "elsewhere", type: "Stripe", amount: -3600n }]);
    expect(kindOf(facts, "charge")[0]?.id).toBe("woocommerce/charge/order/51/payment");
    expect(reading).toMatchObject({ rows: 2, read: 2, orders: 1, units: 3, agrees: true, problems: [] });
  });

  it("take lines before or after their discount, whichever adds to the total", () => {
    const order = (line: string) =>
      kindOf(
        factsOf(read(`51,2026-03-01 10:00:00,completed,Stripe,USD,0,0,4.00,16.00,0,Mug,M-1,2,${line}`)),
        "order",
      )[0];
    expect(order("20.00")).toMatchObject({ lines: [{ amount: 2000n }], discount: 400n });
    expect(order("16.00")).toMatchObject({ lines: [{ amount: 1600n }], discount: 0n });
  });

  it("book nothing for what was not paid, and give back what was refunded", () => {
    const reading = read(
      "51,2026-03-01 10:00:00,on-hold,Cheque,USD,0,0,0,20.00,0,Mug,M-1,2,20.00",
      "52,2026-03-01 10:00:00,failed,Stripe,USD,0,0,0,20.00,0,Mug,M-1,2,20.00",
      "53,2026-03-01 10:00:00,refunded,Stripe,USD,0,0,0,20.00,20.00,Mug,M-1,2,20.00",
      "54,2026-03-01 10:00:00,completed,Stripe,USD,0,0,0,20.00,5.00,Mug,M-1,2,20.00",
    );
    const facts = factsOf(reading);
    expectProven(facts, 0n);
    expect(kindOf(facts, "order").map(({ number }) => number)).toEqual(["53", "54"]);
    expect(kindOf(facts, "return")).toMatchObject([
      { order: "woocommerce/order/53", lines: [{ amount: 2000n, qty: 2n }] },
    ]);
    expect(kindOf(facts, "charge").filter(({ category }) => category === "refund")).toMatchObject([{ amount: -500n }]);
  });

  it("say of an order that does not add, and keep the rest visible", () => {
    const reading = read("51,2026-03-01 10:00:00,completed,Stripe,USD,5.00,1.00,0,36.00,0,Mug,M-1,2,20.00");
    expect(reading).toMatchObject({ agrees: false, problems: [{ row: 2, column: "order_total" }] });
    expectProven(factsOf(reading), 0n);
    expect(kindOf(factsOf(reading), "charge")).toMatchObject([
      { category: "other", amount: 1000n },
      { amount: -3600n },
    ]);
  });

  it("come with their items packed into cells, and by the order's own id", () => {
    const reading = readText(
      "order_id,order_number,order_date,status,shipping_total,tax_total,discount_total,order_total,order_currency,payment_method,line_item_1,line_item_2\n912,51,2026-03-01 10:00:00,completed,5.00,0,0,35.00,USD,stripe,name:Mug|product_id:12|sku:M-1|quantity:2|total:20.00|sub_total:20.00,name:Print|product_id:13|sku:|quantity:1|total:10.00|sub_total:10.00",
    );
    expect(reading).toMatchObject({ kind: "woocommerce-orders", agrees: true, units: 3 });
    expect(kindOf(factsOf(reading), "order")).toMatchObject([
      {
        id: "woocommerce/order/912",
        lines: [
          { name: "Mug", sku: "M-1", listing: "12", qty: 2n, amount: 2000n },
          { name: "Print", sku: null, qty: 1n, amount: 1000n },
        ],
      },
    ]);
  });

  it("come from other plug-ins under other names, with decimal commas", () => {
    const reading = readText(
      'Order Number;Order Status;Order Date;Order Total Amount;Order Shipping Amount;Order Total Tax Amount;Payment Method Title;Item Name;SKU;Quantity (- Refund);Item Cost\n61;processing;"2026-03-01 10:00";26,00;5,00;1,00;PayPal;Mug;M-1;2;10,00',
    );
    expect(kindOf(factsOf(reading), "order")).toMatchObject([{ lines: [{ qty: 2n, amount: 2000n }], shipping: 500n }]);
    expect(reading.agrees).toBe(true);
  });
});

describe.skipIf(!hasFixtures)("WooCommerce exports (fixtures)", () => {
  it("fifty orders over 101 rows", () => {
    const reading = readFixture("woocommerce/orders_export.csv");
    expect(reading).toMatchObject({ rows: 101, read: 101, orders: 50, agrees: true, problems: [] });
    expect(countsOf(reading)).toEqual({ completed: 29, pending: 4, processing: 15, "on-hold": 2 });
    expectProven(factsOf(reading), 0n);
    const orders = kindOf(factsOf(reading), "order");
    expect(orders).toHaveLength(44);
    expect(total(orders.map(({ shipping }) => shipping))).toBeLessThanOrEqual(800n);
    expect(total(Object.values(typesOf(reading)))).toBe(3776839n);
  });
});
