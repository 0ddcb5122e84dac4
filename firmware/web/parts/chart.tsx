/** A chart of values over time, drawn by uPlot, with its legend above and the same numbers as a table beneath. */
import { useEffect, useRef, useState } from "preact/hooks";
import UPlot from "uplot";
import { theme } from "../theme.ts";
import { axisTimes } from "./chart-axis.ts";

export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** 1 to 3, a colour of the style sheet. */
  readonly color: 1 | 2 | 3;
  readonly isFilled?: boolean;
  readonly isBars?: boolean;
  /** Drawn thin, as a border of what lies between. */
  readonly isEdge?: boolean;
}

export interface ChartProps {
  /** What it shows, one sentence for those who do not see it. */
  readonly label: string;
  /** Epoch seconds. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** A value in words, for the legend and the axis. */
  readonly format: (value: number) => string;
  /** Pixels. */
  readonly height: number;
  /** The top of the scale is never below it. */
  readonly least: number;
  readonly most?: number;
  /** Without axes, for a small one. */
  readonly isPlain?: boolean;
}

/** A chart that grows with its place and follows the theme. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const [at, setAt] = useState<number | undefined>(undefined);
  const shape = `${props.series.map(({ label }) => label).join()} ${theme.value}`;

  // It is made anew only when its shape or the theme changes.
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const made = new UPlot(optionsOf(latest.current, box, setAt), dataOf(latest.current), box);
    plot.current = made;
    const watch = new ResizeObserver(() => {
      const width = Math.floor(box.clientWidth);
      if (width > 0 && width !== made.width) made.setSize({ width, height: made.height });
    });
    watch.observe(box);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(dataOf(props));
  }, [props.times, props.series]);

  return (
    <figure class={props.isPlain ? "chart chart-plain" : "chart"}>
      <ul class="legend" aria-hidden={props.isPlain ? "true" : undefined}>
        {props.series
          .filter(({ isEdge }) => !isEdge)
          .map(({ label, color, values }) => {
            const value = values[at ?? values.length - 1];
            return (
              <li key={label}>
                <span class={`swatch series-${color}`} />
                {label}
                <b>{value === null || value === undefined ? "–" : props.format(value)}</b>
              </li>
            );
          })}
      </ul>
      <div class="plot" role="img" aria-label={props.label} ref={place} />
    </figure>
  );
}

function dataOf({ times, series }: ChartProps): UPlot.AlignedData {
  return [times, ...series.map(({ values }) => values)] as unknown as UPlot.AlignedData;
}

function optionsOf(
  { height, least, most, format, series, isPlain }: ChartProps,
  box: HTMLElement,
  point: (index: number | undefined) => void,
): UPlot.Options {
  const style = getComputedStyle(box);
  const colors = [1, 2, 3].map((color) => colorOf(box, `series-${color}`));
  const font = `11px ${style.fontFamily}`;
  const axis = {
    stroke: style.color,
    font,
    grid: { stroke: style.borderTopColor, width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(40, Math.floor(box.clientWidth)),
    height,
    padding: isPlain ? [4, 0, 4, 0] : [12, 26, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
    scales: {
      y: { range: (_plot, _low, high) => [0, most ?? Math.max(least, (high ?? 0) * 1.1)] },
    },
    axes: isPlain
      ? [{ show: false }, { show: false }]
      : [
          { ...axis, space: 72, size: 30, gap: 6, values: axisTimes, grid: { show: false } },
          { ...axis, size: 74, gap: 8, space: 34, values: (_plot, all) => all.map(format) },
        ],
    series: [
      {},
      ...series.map(({ label, color, isFilled, isBars, isEdge }): UPlot.Series => {
        const stroke = colors[color - 1] ?? style.color;
        return {
          label,
          stroke: isEdge ? `${withAlpha(stroke, 0.35)}` : stroke,
          width: isEdge ? 1 : 1.75,
          points: { show: false },
          spanGaps: false,
          ...(isFilled ? { fill: withAlpha(stroke, 0.12) } : {}),
          ...(isBars && UPlot.paths.bars
            ? { paths: UPlot.paths.bars({ size: [0.9, 8, 1] }), fill: stroke, width: 0 }
            : {}),
        };
      }),
    ],
    hooks: { setCursor: [(plot) => point(plot.cursor.idx ?? undefined)] },
  };
}

/** The colour that a class has in the theme that is shown. */
function colorOf(box: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.className = name;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function withAlpha(color: string, alpha: number): string {
  const numbers = color.match(/[\d.]+/g)?.slice(0, 3) ?? ["0", "0", "0"];
  return `rgba(${numbers.join(",")},${alpha})`;
}
