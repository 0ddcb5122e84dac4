/** A time of day from and to, in minutes after midnight; `from` may be later than `to`: then it reaches over midnight. */
export interface DailyWindow {
  readonly from: number;
  readonly to: number;
}

/** Reads `02:00-04:00`; undefined when `text` is no window, or one without length. */
export function parseWindow(text: string): DailyWindow | undefined {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text);
  if (!match) return undefined;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  if (fromHour > 23 || toHour > 24 || fromMinute > 59 || toMinute > 59) return undefined;
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  return from === to || to > 24 * 60 ? undefined : { from, to };
}
