/** The clock in the state document. */
import type { WallClock } from "#lib/duration.ts";
import type { ClockState } from "./document-clock.ts";
import { formatTime } from "./event-log.ts";

/** @param guard what the time guard shows. */
export function clockState(guard: {
  readonly isTrusted: boolean;
  readonly isSynchronised: boolean;
  readonly earliest: WallClock;
  readonly reason?: string;
}): ClockState {
  const { isTrusted, isSynchronised, earliest, reason } = guard;
  const doubt = isTrusted ? {} : { earliest: formatTime(earliest) };
  return {
    trusted: isTrusted,
    synchronised: isSynchronised,
    ...(reason === undefined ? {} : { reason }),
    ...doubt,
  };
}
