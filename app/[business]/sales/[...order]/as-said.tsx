import type { Scope } from "@/lib/people/access";
import type { RawSaid } from "@/lib/sales/raw-reads";
import { momentText } from "../../../ui/days";
import { Section } from "../../../ui/section";

/** The channel's own documents that an order was read from, word for word. */
export function AsSaid({ scope, channel, raw }: { scope: Scope; channel: string; raw: readonly RawSaid[] }) {
  if (raw.length === 0) return null;
  return (
    <Section title={`As ${channel} said it`} note="kept as it came; the order is read from it">
      {raw.map((one) => (
        <details key={`${one.feed}/${one.id}/${one.version}`}>
          <summary>
            {one.id}, received {momentText(one.at, scope.timeZone)}
          </summary>
          {/* The keyboard scrolls what is wider than the page. */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by the keyboard. */}
          <pre className="n s mt-2" style={{ overflow: "auto", maxHeight: 400 }} tabIndex={0}>
            {one.text}
          </pre>
        </details>
      ))}
    </Section>
  );
}
