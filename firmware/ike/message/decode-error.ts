/** Why bytes from the network are not a message. A value, never thrown past the codec. */
export interface DecodeError {
  /** Stable: `ike.decode.header`, `ike.decode.length`, `ike.decode.syntax`, `ike.decode.version`, `ike.decode.critical`. */
  readonly code: string;
  /** Payload path, such as `SA/proposal[0]/transform[2]`. */
  readonly at: string;
  /** Byte offset in the datagram (or in the opened plaintext). */
  readonly offset: number;
  readonly message: string;
  /** RFC and section. */
  readonly source: string;
  /** Notify to answer a protected request with, where the RFC allows one, and its data. */
  readonly notify?: { readonly type: number; readonly data: Uint8Array };
}
