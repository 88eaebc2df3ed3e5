/** What corrected a cost since it was first posted: when, by how much, and after which change. */

import { can, type Scope } from "@/lib/people/access";
import { saysOf } from "@/lib/people/audit-words";
import type { WhyPosting } from "@/lib/sales/why";
import { Day, Moment } from "../../../ui/date";
import { moneyText } from "../../../ui/figures";
import { TextLink } from "../../../ui/link";

export function historyHref(base: string, line: string): string {
  return `${base}/inventory/sold/history?line=${encodeURIComponent(line)}`;
}

/** "+4.50 on 21 Nov 14:32, posted on 3 Mar. It followed: Cost of a sale given, by Kim." */
export function CorrectionSays({ scope, entry }: { scope: Scope; entry: WhyPosting }) {
  const base = `/${scope.slug}`;
  return (
    <>
      <Moment at={entry.recordedAt} timeZone={scope.timeZone} />:{" "}
      <TextLink href={`${base}/reports/entries/${entry.id}`}>
        {moneyText({ amountMinor: entry.change, currency: scope.currency }, { plus: true })}
      </TextLink>
      , posted on <Day on={entry.postedOn} />. <FollowedSays scope={scope} entry={entry} /> {entry.memo}.
    </>
  );
}

function FollowedSays({ scope, entry: { followed } }: { scope: Scope; entry: WhyPosting }) {
  if (followed === null) return null;
  const says = saysOf(followed.what);
  const trail = `/${scope.slug}/settings/audit?about=${encodeURIComponent(followed.about)}`;
  return (
    <>
      It followed: {can(scope, "audit") ? <TextLink href={trail}>{says}</TextLink> : says}, by{" "}
      {followed.who ?? "Lotbook itself"}, <Moment at={followed.at} timeZone={scope.timeZone} />
      {followed.why === null ? "." : `, because: ${followed.why}.`}
    </>
  );
}
