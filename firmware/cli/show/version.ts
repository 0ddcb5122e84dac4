import type { StateDocument } from "#state/document.ts";
import { list, shortDuration } from "../table.ts";

export interface Version {
  readonly version: string;
  readonly hostname: string;
  readonly uptime: number;
}

/** What runs, where, since when. */
export function version({ version: number, hostname, uptime }: StateDocument): Version {
  return { version: number, hostname, uptime };
}

/** The same for a person. */
export function versionList({ version: number, hostname, uptime }: Version): string {
  return list([
    ["FlexSpoke", number],
    ["Hostname", hostname],
    ["Uptime", shortDuration(uptime)],
  ]);
}
