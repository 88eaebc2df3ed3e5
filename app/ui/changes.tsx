// biome-ignore-all lint/suspicious/noArrayIndexKey: the place of a figure in its sum is its identity
import type { ReactNode } from "react";

/** One figure of a preview: as it is, by how much, as it will be. */
export type Change = Readonly<{
  label: ReactNode;
  now: ReactNode;
  change: ReactNode;
  after: ReactNode;
}>;

/**
 * What this changes: first what was asked about, then what follows. Figures across when wide, down on phones. `note` says the day, whether
 * the period is open, and "No other sale changes" or what else moves, as links. `counting` stands instead of the figures while they
 * are computed; disable the save then.
 */
export function Changes({
  title = "What this changes",
  note,
  changes,
  counting,
  more,
}: {
  title?: string | undefined;
  note?: ReactNode | undefined;
  changes: readonly Change[];
  counting?: string | undefined;
  more?: ReactNode | undefined;
}) {
  return (
    <section className="sec">
      <div className="sec-head">
        <h2>{title}</h2>
        {note ? <span className="s q">{note}</span> : null}
      </div>
      {counting ? (
        <p className="well note" role="status">
          {counting}
        </p>
      ) : (
        <>
          <div className="tw hide-s">
            <table className="tbl diff across">
              <caption className="vh">{title}</caption>
              <thead>
                <tr>
                  <td>
                    <span className="vh">When</span>
                  </td>
                  {changes.map((change, index) => (
                    <th key={index} scope="col" className="num">
                      {change.label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                <Across label="Now" className="num was" cells={changes.map((change) => change.now)} />
                <Across label="Change" className="num was" cells={changes.map((change) => change.change)} />
                <Across label="After" className="num now" cells={changes.map((change) => change.after)} />
              </tbody>
            </table>
          </div>
          <table className="tbl diff only-s">
            <caption className="vh">{title}</caption>
            <thead>
              <tr>
                <td>
                  <span className="vh">Figure</span>
                </td>
                <th scope="col" className="num">
                  Now
                </th>
                <th scope="col" className="num">
                  After
                </th>
              </tr>
            </thead>
            <tbody>
              {changes.map((change, index) => (
                <tr key={index}>
                  <th scope="row">{change.label}</th>
                  <td className="num was">{change.now}</td>
                  <td className="num now">{change.after}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      {more ? <div className="note mt-2">{more}</div> : null}
    </section>
  );
}

function Across({ label, className, cells }: { label: string; className: string; cells: readonly ReactNode[] }) {
  return (
    <tr>
      <th scope="row" className="q">
        {label}
      </th>
      {cells.map((one, index) => (
        <td key={index} className={className}>
          {one}
        </td>
      ))}
    </tr>
  );
}
