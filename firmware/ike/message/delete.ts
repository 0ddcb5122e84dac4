/** Delete payload. RFC 7296 §3.11 */
import { type Codec, count16, many, size8, sized, syntaxFault, u8 } from "./codec.ts";
import { protocolName } from "./iana.ts";
import type { DeletePayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** SPIs of one size; with size zero there are none, whatever the count claims. */
const spis: Codec<readonly Uint8Array[]> = {
  ...many(sized()),
  decode: (reader, scope) => {
    const { offset, remaining } = reader;
    if (scope.size * scope.count !== remaining)
      throw syntaxFault(
        offset,
        `${remaining} bytes for ${scope.count} SPIs of ${scope.size}`,
        SOURCE,
      );
    return remaining === 0 ? [] : many(sized()).decode(reader, scope);
  },
};

/** RFC 7296 §3.11. */
export const deletePayload: PayloadCodec<DeletePayload> = payload("Delete", 42, {
  protocol: u8(protocolName),
  spiSize: size8((value: DeletePayload) => value.spis[0]?.length ?? 0),
  count: count16((value: DeletePayload) => value.spis.length),
  spis,
});

const SOURCE = "RFC 7296 §3.11";
