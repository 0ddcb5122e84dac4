/** Messages as they are before they are sealed and after they are opened, for somebody who watches. Decides nothing. */
import type { Path } from "./connection.ts";
import type { SessionId } from "./inputs.ts";
import type { IkeHeader, Payload } from "./message/message.ts";

/** One message of an IKE SA, authentic when it was received. */
export interface TracedMessage {
  readonly direction: "sent" | "received";
  readonly session: SessionId;
  readonly path: Path;
  readonly header: IkeHeader;
  readonly payloads: readonly Payload[];
}

/** Hears of each within the call of the engine; it may keep what it makes of it, and not the payloads. */
export type Tracer = (message: TracedMessage) => void;
