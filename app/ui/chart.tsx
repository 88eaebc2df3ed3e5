import type { ReactNode } from "react";
import { ChartBox } from "./chart.client";
import { countText } from "./figures";

/** The colours of series, in their order; `k1` … `k3` are costs in one stack, `c0` what is other or not known. */
export type Ink = "c0" | "c1" | "c2" | "c3" | "c4" | "k1" | "k2" | "k3";

export type ChartSeries = Readonly<{ key: string; label: string; ink: Ink }>;

/** One band (a month). Values are whole units of the currency's major part or counts: only drawn and rounded labels come from them. */
export type ChartBand = Readonly<{
  label: string;
  /** By series key. */
  values: Readonly<Record<string, number>>;
  /** Not over yet: outlined, dashed, at a quarter. */
  open?: boolean | undefined;
  /** The rows of the tooltip, exact: label and figure. */
  says: readonly (readonly [label: string, figure: string])[];
}>;

export type ChartProps = Readonly<{
  /** What is drawn, as a sentence for who does not see it. */
  says: string;
  series: readonly ChartSeries[];
  bands: readonly ChartBand[];
  /** Bands one on another, or a line over days. One series of bars has its values on them when there are 12 or fewer. */
  kind?: "bars" | "stack" | "line" | undefined;
  /** In a column (660) or over the whole width (960). */
  width?: "column" | "full" | undefined;
  height?: number | undefined;
  /** Said over the axes when there is nothing: "Nothing sold in 2026 yet". */
  nothing?: string | undefined;
  /** The same figures to the cent, as a table. */
  table: ReactNode;
}>;

/**
 * Bars by month, stacked shares, a balance over days. Drawn on the server as SVG of a known size: it is there before any script and moves
 * nothing; script adds the tooltip. Phones get the last six bands.
 */
export function Chart(props: ChartProps) {
  const wide = props.width === "full" ? 960 : 660;
  const height = props.height ?? (props.width === "full" ? 230 : 190);
  return (
    <div>
      <ChartBox
        bands={props.bands.map((band) => ({ label: band.label, says: band.says }))}
        label={props.says}
        left={left(props)}
        wide={wide}
        right={right(props)}
      >
        <Drawing props={props} bands={props.bands} width={wide} height={height} className="chart hide-s" />
      </ChartBox>
      <Drawing props={props} bands={props.bands.slice(-6)} width={358} height={height} className="chart only-s" />
      <details className="as-table">
        <summary>The figures as a table</summary>
        <div className="scroll">{props.table}</div>
      </details>
    </div>
  );
}

const left = (props: ChartProps) => (props.width === "full" ? 48 : 44);
/** Room for the names of the series at their end. */
const right = (props: ChartProps) => (props.series.length > 1 ? 96 : 0);

/** Steps of 1, 2, 2.5 or 5 times a power of ten, three to five of them, that hold all values. */
export function axisOf(least: number, most: number): Readonly<{ from: number; to: number; step: number }> {
  const span = Math.max(most, 0) - Math.min(least, 0) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = ([1, 2, 2.5, 5, 10].find((times) => span / (times * power) <= 4) ?? 10) * power;
  return {
    from: Math.floor(Math.min(least, 0) / step) * step,
    to: Math.ceil(Math.max(most, 0) / step) * step || step,
    step,
  };
}

function Drawing({
  props,
  bands,
  width,
  height,
  className,
}: {
  props: ChartProps;
  bands: readonly ChartBand[];
  width: number;
  height: number;
  className: string;
}) {
  const { series } = props;
  const kind = props.kind ?? "bars";
  const of = (band: ChartBand, key: string) => band.values[key] ?? 0;
  const sums = bands.map((band) => ({
    up: kind === "stack" ? series.reduce((sum, one) => sum + Math.max(0, of(band, one.key)), 0) : most(band, series),
    down: kind === "stack" ? series.reduce((sum, one) => sum + Math.min(0, of(band, one.key)), 0) : least(band, series),
  }));
  const axis = axisOf(Math.min(0, ...sums.map((sum) => sum.down)), Math.max(0, ...sums.map((sum) => sum.up)));
  const x0 = left(props);
  const x1 = width - (width < 400 ? 0 : right(props));
  const top = 14;
  const bottom = height - 22;
  const y = (value: number) => bottom - ((value - axis.from) / (axis.to - axis.from)) * (bottom - top);
  const band = (x1 - x0) / Math.max(bands.length, 1);
  const lines = Array.from(
    { length: Math.round((axis.to - axis.from) / axis.step) + 1 },
    (_, at) => axis.from + at * axis.step,
  );
  const labelled = kind === "bars" && series.length === 1 && bands.length <= 12;
  const each = Math.ceil(bands.length / (width < 400 ? 6 : 14));
  return (
    <svg
      className={className}
      viewBox={`0 0 ${width} ${height}`}
      style={{ aspectRatio: `${width} / ${height}`, maxWidth: width < 400 ? undefined : width * 1.25 }}
      role="img"
      aria-label={props.says}
    >
      {lines.map((value) => (
        <g key={value}>
          <line className={value === 0 ? "zero" : "ax"} x1={x0} x2={x1} y1={y(value)} y2={y(value)} />
          <text x={x0 - 8} y={y(value) + 4} textAnchor="end">
            {plain(value)}
          </text>
        </g>
      ))}
      {bands.map((one, at) => {
        const middle = x0 + band * (at + 0.5);
        return (
          <g key={one.label}>
            {kind === "line" ? null : <Bars one={one} series={series} kind={kind} middle={middle} band={band} y={y} />}
            {labelled ? (
              <text
                className="value"
                x={middle}
                y={y(Math.max(of(one, series[0]?.key ?? ""), 0)) - 5}
                textAnchor="middle"
              >
                {plain(of(one, series[0]?.key ?? ""))}
              </text>
            ) : null}
            {(bands.length - 1 - at) % each === 0 ? (
              <text x={middle} y={height - 5} textAnchor="middle">
                {one.label}
              </text>
            ) : null}
          </g>
        );
      })}
      {kind === "line"
        ? series.map((one) => (
            <polyline
              key={one.key}
              className="line"
              stroke={`var(--color-${one.ink})`}
              points={bands.map((at, index) => `${x0 + band * (index + 0.5)},${y(of(at, one.key))}`).join(" ")}
            />
          ))
        : null}
      {series.length > 1 && width >= 400 ? (
        <Names series={series} last={bands[bands.length - 1]} kind={kind} x={x1 + 6} y={y} />
      ) : null}
      {bands.length === 0 && props.nothing ? (
        <text x={(x0 + x1) / 2} y={(top + bottom) / 2} textAnchor="middle">
          {props.nothing}
        </text>
      ) : null}
    </svg>
  );
}

function most(band: ChartBand, series: readonly ChartSeries[]): number {
  return Math.max(0, ...series.map((one) => band.values[one.key] ?? 0));
}

function least(band: ChartBand, series: readonly ChartSeries[]): number {
  return Math.min(0, ...series.map((one) => band.values[one.key] ?? 0));
}

/** Square bars of 60 % of the band; stacked ones with a gap of 1 px between neighbours. */
function Bars({
  one,
  series,
  kind,
  middle,
  band,
  y,
}: {
  one: ChartBand;
  series: readonly ChartSeries[];
  kind: "bars" | "stack";
  middle: number;
  band: number;
  y: (value: number) => number;
}) {
  let up = 0;
  let down = 0;
  const all = Math.min(band * 0.6, 48);
  const width = kind === "stack" ? all : all / series.length;
  return series.map((part, index) => {
    const value = one.values[part.key] ?? 0;
    const from = kind === "stack" ? (value < 0 ? down : up) : 0;
    if (value < 0) down += value;
    else up += value;
    const high = Math.max(y(from), y(from + value));
    const low = Math.min(y(from), y(from + value));
    const x = middle - all / 2 + (kind === "stack" ? 0 : width * index);
    const gap = kind === "stack" && index > 0 ? 1 : 0;
    return (
      <rect
        key={part.key}
        x={x}
        y={low}
        width={Math.max(1, width - (kind === "bars" && series.length > 1 ? 1 : 0))}
        height={Math.max(0, high - low - gap)}
        fill={`var(--color-${part.ink})`}
        fillOpacity={one.open ? 0.25 : undefined}
        stroke={one.open ? `var(--color-${part.ink})` : undefined}
        strokeDasharray={one.open ? "3 2" : undefined}
      />
    );
  });
}

/** The names of the series at their end, not in a legend; never closer than a line. */
function Names({
  series,
  last,
  kind,
  x,
  y,
}: {
  series: readonly ChartSeries[];
  last: ChartBand | undefined;
  kind: "bars" | "stack" | "line";
  x: number;
  y: (value: number) => number;
}) {
  if (last === undefined) return null;
  let reached = 0;
  let before = Number.POSITIVE_INFINITY;
  const placed = series.map((one) => {
    const value = last.values[one.key] ?? 0;
    const at = kind === "stack" ? y(reached + value / 2) : y(value);
    if (kind === "stack") reached += value;
    return { one, at };
  });
  if (kind !== "stack") placed.sort((a, b) => b.at - a.at);
  return placed.map(({ one, at }) => {
    const to = Math.min(at + 4, before - 13);
    before = to;
    return (
      <text key={one.key} x={x} y={to}>
        {one.label}
      </text>
    );
  });
}

/** Axis and bar labels: whole units, grouped. */
function plain(value: number): string {
  return countText(BigInt(Math.round(value)));
}
