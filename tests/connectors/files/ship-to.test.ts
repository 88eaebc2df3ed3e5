/** Where files say that an order was delivered to. */
import { describe, expect, it } from "vitest";
import { deliveredTo } from "../../../integrations/files/channels/ship-to";
import { factsOf, kindOf, options, readText } from "./books";

/** A table of one row by the names of its columns, read as an upload is. */
const orderOf = (cells: Readonly<Record<string, string>>) => {
  const quoted = (texts: readonly string[]) => texts.map((text) => `"${text}"`).join(",");
  const text = [quoted(Object.keys(cells)), quoted(Object.values(cells))].join("\n");
  const [order] = kindOf(factsOf(readText(text, options())), "order");
  if (order === undefined) throw new Error("no order was read");
  return order.shipTo;
};
const india = (region: string) => ({ country: "IN", region });

describe("a country", () => {
  it.each([
    ["IN", "IN"],
    ["in", "IN"],
    ["India", "IN"],
    [" INDIA ", "IN"],
    ["IND", "IN"],
    ["United States", "US"],
    ["The Netherlands", "NL"],
    ["United Kingdom", "GB"],
    ["UK", "GB"],
    ["Germany", "DE"],
    ["Côte d’Ivoire", "CI"],
    ["Saint Lucia", "LC"],
    ["Hong Kong", "HK"],
    ["Türkiye", "TR"],
    ["Georgia", "GE"],
    ["Deutschland", "DE"],
    ["Österreich", "AT"],
    ["États-Unis", "US"],
    ["Regno Unito", "GB"],
    ["Indien", "IN"],
    ["Niger", "NE"],
  ])("written as %s is %s", (text, country) => {
    expect(deliveredTo(text, "")).toEqual({ shipTo: { country, region: "" } });
  });

  it("that nobody knows is still another country, and none is none", () => {
    expect(deliveredTo("Atlantis", "West")).toEqual({ shipTo: { country: "ZZ", region: "West" } });
    for (const text of ["", "  "]) expect(deliveredTo(text, "MH")).toEqual({});
  });
});

describe("an order by file", () => {
  it("of WooCommerce goes to its shipping address, else the buyer's; what was fetched goes nowhere", () => {
    const woo = (cells: Readonly<Record<string, string>>) =>
      orderOf({
        order_number: "51",
        order_date: "2026-03-01 10:00:00",
        status: "completed",
        payment_method_title: "Stripe",
        order_currency: "USD",
        order_total: "20.00",
        product_name: "Mug",
        quantity: "1",
        item_total: "20.00",
        ...cells,
      });
    const both = { billing_state: "KA", billing_country: "IN", shipping_state: "MH", shipping_country: "IN" };
    expect(woo(both)).toEqual(india("MH"));
    expect(woo({ ...both, shipping_state: "", shipping_country: "" })).toEqual(india("KA"));
    expect(woo({ "Shipping State": "Kerala", "Shipping Country": "India" })).toEqual(india("Kerala"));
    expect(woo({ "State Code (Billing)": "TN", "Country Code (Billing)": "IN" })).toEqual(india("TN"));
    expect(woo({ ...both, shipping_method: "Local pickup" })).toBeUndefined();
    expect(woo({})).toBeUndefined();
  });

  it("of Shopify goes to the order's own row's address", () => {
    const shopify = (cells: Readonly<Record<string, string>>) =>
      orderOf({
        Name: "#1",
        "Financial Status": "paid",
        Currency: "USD",
        Subtotal: "20.00",
        Total: "20.00",
        "Created at": "2026-02-03 23:30:00 -0500",
        "Lineitem quantity": "1",
        "Lineitem name": "Mug",
        "Lineitem price": "20.00",
        ...cells,
      });
    expect(shopify({ "Shipping Province": "MH", "Shipping Country": "IN" })).toEqual(india("MH"));
    expect(shopify({ "Billing Province": "MH", "Billing Country": "IN" })).toBeUndefined();
  });

  it("of Etsy goes to where it was shipped, by items or by orders", () => {
    const to = { "Ship State": "Tamil Nadu", "Ship Country": "India" };
    const common = { "Sale Date": "02/27/26", "Order ID": "3300000001", Currency: "USD" };
    const items = { ...common, "Item Name": "Board", Quantity: "1", Price: "20.00" };
    const orders = { ...common, "Number of Items": "1", "Order Value": "20.00" };
    for (const layout of [items, orders]) {
      expect(orderOf({ ...layout, ...to })).toEqual(india("Tamil Nadu"));
      expect(orderOf(layout)).toBeUndefined();
    }
  });

  it("of eBay goes to its ship-to address; to the buyer's where eBay sends it on", () => {
    const report = (cells: Readonly<Record<string, string>>) =>
      orderOf({
        "Order Number": "01-00000-10001",
        "Item Title": "Bowl",
        "Sold For": "$20.00",
        "Total Price": "$20.00",
        Quantity: "1",
        "Sale Date": "Jan-03-26",
        ...cells,
      });
    const to = { "Ship To State": "KY", "Ship To Country": "United States" };
    const buyer = { "Buyer State": "MH", "Buyer Country": "India" };
    expect(report({ ...to, ...buyer })).toEqual({ country: "US", region: "KY" });
    for (const by of ["Global Shipping Program", "eBay International Shipping"]) {
      expect(report({ ...to, ...buyer, [by]: "Yes" })).toEqual(india("MH"));
      expect(report({ ...to, ...buyer, [by]: "No" })).toEqual({ country: "US", region: "KY" });
    }
    expect(report({})).toBeUndefined();
  });

  it("of eBay's transaction report goes where its first row says", () => {
    const row = {
      "Transaction creation date": "Mar 2, 2026",
      Type: "Order",
      "Order number": "01-00000-10001",
      "Ship to province/region/state": "Karnataka",
      "Ship to country": "IN",
      "Net amount": "20.00",
      "Payout currency": "USD",
      "Item ID": "110000000001",
      "Transaction ID": "10000000001",
      "Item title": "Bowl",
      Quantity: "1",
      "Item subtotal": "20.00",
      "Gross transaction amount": "20.00",
      "Transaction currency": "USD",
      Description: "",
    };
    expect(orderOf(row)).toEqual(india("Karnataka"));
    expect(orderOf({ ...row, "Ship to country": "--" })).toBeUndefined();
  });
});
