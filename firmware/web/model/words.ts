/** Numbers as people read them. Pure: the time now comes in. */

/** `850 ms`, `1.2 s`, `12.5 s`; milliseconds in. */
export function shortTime(milliseconds: number): string {
  if (milliseconds < 10) return `${trimmed(milliseconds, 1)} ms`;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${trimmed(milliseconds / 1_000, 1)} s`;
  return age(milliseconds / 1_000);
}

/** `45 s`, `12 min`, `3 h 12 min`, `4 d 2 h`: the two largest units. Seconds in; a negative number counts as 0. */
export function age(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const units = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ] as const;
  const first = units.findIndex(([size]) => whole >= size);
  if (first < 0) return "0 s";
  const [size, name] = units[first] ?? [1, "s"];
  const text = `${Math.floor(whole / size)} ${name}`;
  const next = units[first + 1];
  const rest = next ? Math.floor((whole % size) / next[0]) : 0;
  return next && rest > 0 && size > 60 ? `${text} ${rest} ${next[1]}` : text;
}

/** `812 B`, `1.2 kB`, `34 MB`: decimal, as providers count. */
export function byteCount(bytes: number): string {
  return scaled(bytes, ["B", "kB", "MB", "GB", "TB"]);
}

/** `0 bit/s`, `1.2 Mbit/s`; bytes a second in. */
export function bitRate(bytesPerSecond: number): string {
  return scaled(bytesPerSecond * 8, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]);
}

/** `1,234`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `0 %`, `0.5 %`, `12 %`; a share from 0 to 1 in. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? trimmed(value, 1) : Math.round(value)} %`;
}

/** `1 peer`, `2 peers`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `14:02:11`; with `23 Nov ` before it when that is not the day of `now`. In the zone of the reader. */
export function clockTime(iso: string, now: number): string {
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const isToday = at.toDateString() === new Date(now).toDateString();
  return isToday ? time : `${at.getDate()} ${months[at.getMonth()]} ${time}`;
}

/** `Today`, `Yesterday`, `23 Nov 2026`. */
export function dayName(iso: string, now: number): string {
  const at = new Date(iso);
  const daysAgo = (days: number): string => new Date(now - days * 86_400_000).toDateString();
  if (at.toDateString() === daysAgo(0)) return "Today";
  if (at.toDateString() === daysAgo(1)) return "Yesterday";
  return `${at.getDate()} ${months[at.getMonth()]} ${at.getFullYear()}`;
}

/** A sentence begins with a capital letter, unless its first word looks like a name: `wan0`, `hub1.example.net`. */
export function capital(text: string): string {
  return /^[a-z]+[ ,;:]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

function scaled(value: number, units: readonly string[]): string {
  let rest = value;
  let place = 0;
  while (rest >= 999.5 && place < units.length - 1) {
    rest /= 1_000;
    place++;
  }
  const digits = place === 0 || rest >= 100 ? 0 : 1;
  return `${trimmed(rest, digits)} ${units[place]}`;
}

function trimmed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.0+$/, "");
}
