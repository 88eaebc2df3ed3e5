/** What a fact names of others: other facts by their keys, and lines of documents by their ids. */
import type { Fact } from "./facts";

/** `facts`: by their keys; `lines`: sold, bought, moved and returned lines, whose documents are named by them. Each at least once. */
export function namedBy(fact: Fact): Readonly<{ facts: readonly string[]; lines: readonly string[] }> {
  const items = (named: readonly Readonly<{ item: string }>[]) => [...new Set(named.map(({ item }) => `item/${item}`))];
  switch (fact.kind) {
    case "opening":
    case "purchase":
    case "adjustment":
    case "transfer": {
      const sent = "consignment" in fact && fact.consignment !== fact.id ? fact.consignment : undefined;
      return { facts: [...items(fact.lines), ...(sent === undefined ? [] : [`transfer/${sent}`])], lines: [] };
    }
    case "assembly":
      return { facts: items([...fact.inputs, ...fact.outputs]), lines: [] };
    case "item":
      return { facts: items(fact.components ?? []), lines: [] };
    case "return":
      return { facts: fact.order === null ? items(fact.lines) : [`order/${fact.order}`], lines: [] };
    case "purchase_return":
      return { facts: [`purchase/${fact.purchase}`], lines: [] };
    case "match":
      return { facts: [`item/${fact.item}`], lines: [fact.sale] };
    case "pin":
      return { facts: [], lines: [fact.sale, fact.lot] };
    case "backfill":
      return { facts: [], lines: [fact.sale] };
    case "placement":
      return { facts: [], lines: [fact.line] };
    default:
      return { facts: [], lines: [] };
  }
}
