/** A live trace of what the engines are given and what they decide: what `debug` prints. */

/** Parts of the daemon that can be watched, as `flexspoke debug AREA` names them. */
export const debugAreas = ["ikev2", "client", "track", "sla", "dial", "kernel"] as const;

export type DebugArea = (typeof debugAreas)[number];

/** Which lines somebody wants. What is left out is no condition. */
export interface DebugCondition {
  readonly areas: readonly DebugArea[];
  readonly client?: string;
  /** Address of a hub. */
  readonly peer?: string;
}

/** One thing that happened. It never holds a secret. */
export interface DebugLine {
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly area: DebugArea;
  readonly client?: string;
  /** Address of the hub. */
  readonly peer?: string;
  /** One line, or several where a message is dissected; the first has IOS's prefix. */
  readonly text: string;
}

/** True when a line is of an area and about whom the condition names. */
export function meets(line: DebugLine, { areas, client, peer }: DebugCondition): boolean {
  return (
    areas.includes(line.area) &&
    (client === undefined || line.client === client) &&
    (peer === undefined || line.peer === peer)
  );
}
