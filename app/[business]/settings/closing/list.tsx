import type { ClosingItem, Weight } from "@/lib/closing";
import type { LocalDate } from "@/lib/core/facts";
import { needKinds } from "@/lib/needs";
import type { Scope } from "@/lib/people/access";
import { dayText } from "../../../ui/days";
import { NeedsYou, type Need as Shown } from "../../../ui/needs-you";
import { Alert } from "../../../ui/section";
import { State } from "../../../ui/state";
import { needsShown } from "../../needs-shown";

type OwnKind = "short" | "unproved";
type Words = Readonly<{ one: string; many: string; verb: string; path: string; why: (item: ClosingItem) => string }>;

/** What only a close asks for; all other kinds are those of Needs you. */
const own: Readonly<Record<OwnKind, Words>> = {
  short: {
    one: "product went out more than it came in",
    many: "products went out more than they came in",
    verb: "Look",
    path: "/inventory/in-stock",
    why: ({ about, count }) => `${about ?? ""}${count > 1 ? " and others" : ""}: a purchase is missing, or a count`,
  },
  unproved: {
    one: "entry since the books were proved",
    many: "entries since the books were proved",
    verb: "Prove the books",
    path: "/settings/proof",
    why: () => "So that what is sealed is known to be right",
  },
};

function isOwn(kind: ClosingItem["kind"]): kind is OwnKind {
  return kind in own;
}

function shownOf(items: readonly ClosingItem[], scope: Scope, through: LocalDate): readonly Shown[] {
  const known = needKinds.flatMap((kind) =>
    items.filter((item) => item.kind === kind).map((item) => ({ ...item, kind })),
  );
  const rest = items.flatMap((item) => (isOwn(item.kind) ? [{ item, words: own[item.kind] }] : []));
  return [
    ...needsShown(known, scope, through),
    ...rest.map(({ item, words }) => ({
      key: item.kind,
      count: item.count,
      isMore: item.isMore,
      what: item.count === 1 ? words.one : words.many,
      verb: words.verb,
      href: `/${scope.slug}${words.path}`,
      why: words.why(item),
    })),
  ];
}

/** What still waits before a close: what stops it, what asks for a reason, and what is only told, each with where it is done. */
export function ClosingList({
  items,
  scope,
  through,
}: {
  items: readonly ClosingItem[];
  scope: Scope;
  through: LocalDate;
}) {
  const of = (weight: Weight) =>
    shownOf(
      items.filter((item) => item.weight === weight),
      scope,
      through,
    );
  const [stops, asks, told] = [of("stops"), of("asks"), of("told")];
  if (items.length === 0)
    return (
      <p>
        <State kind="done">Nothing is open until {dayText(through)}</State>
      </p>
    );
  return (
    <div className="grid gap-4">
      {stops.length === 0 ? null : (
        <div>
          <Alert>The books do not hold together. They cannot be closed until this is seen to and proved again.</Alert>
          <NeedsYou needs={stops} />
        </div>
      )}
      {asks.length === 0 ? null : (
        <div>
          <h3 className="mb-1">To do first, or to say why not</h3>
          <NeedsYou needs={asks} />
        </div>
      )}
      {told.length === 0 ? null : (
        <div>
          <h3 className="mb-1">{asks.length + stops.length === 0 ? "Still open" : "Also still open"}</h3>
          <NeedsYou needs={told} />
        </div>
      )}
    </div>
  );
}
