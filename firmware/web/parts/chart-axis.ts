import type UPlot from "uplot";

/** Times along an axis as short as their distance allows: `14:02:30`, `14:02`, `23 Nov`. */
export function axisTimes(_plot: UPlot, splits: number[], _axis: number, _space: number): string[] {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  return splits.map((split) => {
    const at = new Date(split * 1_000);
    const two = (value: number): string => String(value).padStart(2, "0");
    const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
    if (step < 60) return `${time}:${two(at.getSeconds())}`;
    if (step < 86_400 && (at.getHours() > 0 || at.getMinutes() > 0)) return time;
    return `${at.getDate()}/${at.getMonth() + 1}`;
  });
}
