/** Tables of rates: the European Central Bank's in its three forms, and plain lists, each wrong line told by its number. */
import { describe, expect, it } from "vitest";
import { type RateLayout, readProvided, readRateFile } from "../../../integrations/files/rates/read";
import { Refusal } from "../../../lib/core/errors";
import { formatRate } from "../../../lib/core/rates";

const open: RateLayout = { direction: null, decimalMark: null, dateStyle: null };
const options = { books: "USD", country: "US", today: "2026-03-31", layout: open };
const file = (text: string, more: Partial<typeof options> = {}) =>
  readRateFile(new TextEncoder().encode(text), "rates.csv", { ...options, ...more });
const short = ({ rates }: ReturnType<typeof file>) =>
  rates.map(({ currency, on, rate }) => `${currency} ${on} ${formatRate(rate)}`);
const wrong = ({ problems }: ReturnType<typeof file>) => problems.map(({ row, code }) => [row, code]);
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return "nothing was refused";
};

const history = `Date,USD,JPY,GBP,CYP,
2026-03-03,1.0800,160.00,0.8500,N/A,
2026-03-02,1.0834,N/A,0.8400,0.58,
`;
const daily = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<Cube>
		<Cube time='2026-03-03'>
			<Cube currency='USD' rate='1.0800'/>
			<Cube currency='GBP' rate='0.8500'/>
		</Cube>
	</Cube>
</gesmes:Envelope>`;

describe("the central bank's history", () => {
  it("is crossed into books in dollars, and one in euros is turned round", () => {
    expect(short(file(history))).toEqual(
      [
        "EUR 2026-03-03 1.0800",
        "JPY 2026-03-03 0.0067500000",
        "GBP 2026-03-03 1.2705882353",
        "EUR 2026-03-02 1.0834",
        "GBP 2026-03-02 1.2897619048",
      ].map((line) => line.replace("0.0067500000", "0.00675")),
    );
    expect(short(file(history, { books: "EUR" }))).toContain("USD 2026-03-03 0.9259259259");
    expect(file(history)).toMatchObject({ kind: "ecb", doubts: [] });
  });

  it("says which of its columns nobody knows, which lines are wrong, and which days lack the books' currency", () => {
    const torn = `Date,USD,GBP,CYP\n2026-03-03,1.08,abc,0.5\n2026-13-45,1,1,1\n2026-03-02,N/A,0.84,0.5\n2027-01-01,1,1,1\n`;
    const reading = file(torn);
    expect(short(reading)).toEqual(["EUR 2026-03-03 1.0800"]);
    expect(wrong(reading)).toEqual([
      [2, "bad_number"],
      [3, "bad_date"],
      [5, "future_date"],
      [null, "field_missing"],
      [null, "unknown_currency"],
    ]);
  });

  it("is refused where it has no column of the books' currency", () => {
    expect(codeOf(() => file(history, { books: "INR" }))).toBe("missing_column");
  });
});

describe("a provider's answer", () => {
  const asked = { books: "USD", country: "US", today: "2026-03-31" };
  it("is the day's table as XML or CSV", () => {
    expect(short(readProvided(daily, asked))).toEqual(["EUR 2026-03-03 1.0800", "GBP 2026-03-03 1.2705882353"]);
    expect(short(readProvided("Date, USD, GBP, \n03 March 2026, 1.0800, 0.8500, \n", asked))).toEqual([
      "EUR 2026-03-03 1.0800",
      "GBP 2026-03-03 1.2705882353",
    ]);
    expect(short(file(daily))).toEqual(short(readProvided(daily, asked)));
  });

  it("is refused where it is something else, or names entities", () => {
    expect(codeOf(() => readProvided("day,currency,rate\n2026-03-03,EUR,1.08\n", asked))).toBe("missing_column");
    expect(codeOf(() => readProvided("<html><body>Sorry</body></html>", asked))).toBe("no_data_rows");
    expect(codeOf(() => readProvided(`<!DOCTYPE x [<!ENTITY a "b">]>${daily}`, asked))).toBe("xml_refused");
  });
});

describe("a plain list", () => {
  const list = "Date,Currency,Rate\n2026-03-02,EUR,1.0834\n2026-03-02,gbp,1.29\n";
  it("waits for a person to say which way round it is", () => {
    expect(file(list).doubts).toEqual(["direction"]);
    const worth = file(list, { layout: { ...open, direction: "worth" } });
    expect(worth.doubts).toEqual([]);
    expect(short(worth)).toEqual(["EUR 2026-03-02 1.0834", "GBP 2026-03-02 1.2900"]);
    const buys = file(list, { layout: { ...open, direction: "buys" } });
    expect(short(buys)).toEqual(["EUR 2026-03-02 0.9230201218", "GBP 2026-03-02 0.7751937984"]);
  });

  it("is read with a decimal comma, in any order of columns, without a head, day first where the days say so", () => {
    const reading = file("EUR;31.01.2026;1,0834\nEUR;01.02.2026;1,09\n", { layout: { ...open, direction: "worth" } });
    expect(short(reading)).toEqual(["EUR 2026-01-31 1.0834", "EUR 2026-02-01 1.0900"]);
    expect(reading.layout).toEqual({ direction: "worth", decimalMark: ",", dateStyle: "dmy" });
  });

  it("leaves days that can be read in two ways to a person", () => {
    const said = { ...open, direction: "worth" } as const;
    const text = "Date,Currency,Rate\n03/04/2025,EUR,1.08\n";
    expect(file(text, { layout: said }).doubts).toEqual(["date style"]);
    expect(short(file(text, { layout: { ...said, dateStyle: "dmy" } }))).toEqual(["EUR 2025-04-03 1.0800"]);
    expect(short(file(text, { layout: { ...said, dateStyle: "mdy" } }))).toEqual(["EUR 2025-03-04 1.0800"]);
  });

  it("tells each wrong line, and takes one of two equal ones", () => {
    const reading = file(
      "Date,Currency,Rate\n2026-03-02,EUR,1.08\n2026-03-02,EUR,1.08\n2026-03-02,EUR,1.09\n2026-03-03,BTC,1\n2026-03-03,USD,1\n2026-03-03,EUR,0\n",
      { layout: { ...open, direction: "worth" } },
    );
    expect(short(reading)).toEqual(["EUR 2026-03-02 1.0800"]);
    expect(wrong(reading)).toEqual([
      [5, "unknown_currency"],
      [6, "unknown_currency"],
      [7, "bad_number"],
      [4, "duplicate_id"],
    ]);
  });

  it("is refused where no line has the three of them", () => {
    expect(codeOf(() => file("Name,Price\nMug,4.00\n"))).toBe("missing_column");
  });
});
