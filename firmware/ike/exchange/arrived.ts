import type { Path } from "../connection.ts";
import type { IkeHeader } from "../message/message.ts";

/** A message as it came: header, whole bytes (a view on the datagram), and the way it took, seen from us. */
export interface Arrived {
  readonly header: IkeHeader;
  readonly bytes: Uint8Array;
  readonly path: Path;
}
