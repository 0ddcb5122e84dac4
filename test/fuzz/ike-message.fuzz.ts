/** Any bytes either decode, or give a DecodeError; what decodes encodes to the same meaning. */
import { keepPromise } from "./ike-message-promise.ts";

/** Called by the fuzzer with one input; a throw is a finding. */
export function fuzz(data: Uint8Array): void {
  keepPromise(new Uint8Array(data));
}
