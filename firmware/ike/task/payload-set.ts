/** The payloads of one message, asked for by type: order means nothing in IKEv2. RFC 7296 §2.5. */
import { FIRST_STATUS_NOTIFY, notifyName } from "../message/iana.ts";
import type { NotifyPayload, Payload } from "../message/message.ts";
import type { PayloadName } from "../sa/transitions.ts";

/** The payload whose `type` may be `Type`: TSi and TSr, IDi and IDr share theirs. */
type PayloadOf<Type extends Payload["type"], One = Payload> = One extends Payload
  ? Type extends One["type"]
    ? One
    : never
  : never;

/** See the file's head. */
export class PayloadSet {
  readonly all: readonly Payload[];

  constructor(payloads: readonly Payload[]) {
    this.all = payloads;
  }

  /** The first payload of this type; undefined when there is none. */
  first<Type extends Payload["type"]>(type: Type): PayloadOf<Type> | undefined {
    return this.all.find((payload) => payload.type === type) as PayloadOf<Type> | undefined;
  }

  every<Type extends Payload["type"]>(type: Type): readonly PayloadOf<Type>[] {
    return this.all.filter((payload) => payload.type === type) as PayloadOf<Type>[];
  }

  /** The first notify of this IANA type. */
  notify(type: number): NotifyPayload | undefined {
    return this.every("Notify").find(({ notify }) => notify === type);
  }

  /** The first error notify: RFC 7296 §3.10.1 */
  get error(): NotifyPayload | undefined {
    return this.every("Notify").find(({ notify }) => notify < FIRST_STATUS_NOTIFY);
  }

  /** As the transition table names payloads. */
  readonly has = (name: PayloadName): boolean => {
    const inner = /^N\((\w+)\)$/.exec(name)?.[1];
    if (inner === undefined) return this.all.some(({ type }) => type === name);
    return this.every("Notify").some(({ notify }) => notifyName(notify) === inner);
  };
}
