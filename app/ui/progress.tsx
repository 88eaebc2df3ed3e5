import type { ReactNode } from "react";
import { countText } from "./figures";
import { LiveProgress } from "./progress.client";
import { State, type StateKind } from "./state";

/** How long work stands. `total` is null where no end is known: then there is no bar, only counts. */
export type ProgressNow = Readonly<{
  done: number;
  total: number | null;
  /** Said after the counts: rate and what remains. */
  note: string | null;
  state: "waiting" | "running" | "paused" | "done" | "failed" | "cancelled";
}>;

export type ProgressStep = Readonly<{
  label: string;
  kind: StateKind;
  count: number | null;
  note?: ReactNode | undefined;
}>;

/**
 * Long work, in a well. With `live` (an address of server-sent events whose data is ProgressNow as JSON) it counts on by itself and the
 * page is read again at the end; without script the page asks again every 5 s while it runs.
 */
export function Progress({
  title,
  since,
  what,
  now,
  live,
  steps,
  actions,
}: {
  title: string;
  since?: ReactNode | undefined;
  /** What is counted, in the plural: "orders". */
  what: string;
  now: ProgressNow;
  live?: string | undefined;
  steps?: readonly ProgressStep[] | undefined;
  actions?: ReactNode | undefined;
}) {
  const runs = now.state === "running" || now.state === "waiting";
  return (
    <section className="well mt-8">
      {runs ? (
        <noscript>
          <meta httpEquiv="refresh" content="5" />
        </noscript>
      ) : null}
      <div className="sec-head">
        <h2>{title}</h2>
        {since ? <span className="q s">{since}</span> : null}
        {actions ? <span className="more actions">{actions}</span> : null}
      </div>
      <LiveProgress title={title} what={what} now={now} live={runs ? live : undefined} />
      {steps && steps.length > 0 ? (
        <table className="roll" style={{ maxWidth: 640, marginTop: 12 }}>
          <caption className="vh">Steps of {title}</caption>
          <tbody>
            {steps.map((step) => (
              <tr key={step.label}>
                <td>
                  <State kind={step.kind}>{step.label}</State>
                </td>
                <td className="num">{step.count === null ? <span className="dim">–</span> : countText(step.count)}</td>
                <td className="more">{step.note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  );
}
