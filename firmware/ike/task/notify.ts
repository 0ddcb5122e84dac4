/** Notify payloads as we send them. RFC 7296 §3.10. */
import { SecurityProtocol } from "../message/iana.ts";
import type { NotifyPayload } from "../message/message.ts";

/** A notify about no SA in particular. */
export function notify(type: number, data: Uint8Array = new Uint8Array(0)): NotifyPayload {
  return { type: "Notify", protocol: 0, spi: new Uint8Array(0), notify: type, data };
}

/** A notify about an ESP SA, named by the SPI its sender receives with. */
export function espNotify(type: number, spi: number): NotifyPayload {
  return {
    type: "Notify",
    protocol: SecurityProtocol.ESP,
    spi: spiBytes(spi),
    notify: type,
    data: new Uint8Array(0),
  };
}

/** An ESP SPI as four bytes. */
export function spiBytes(spi: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, spi);
  return bytes;
}

/** Four bytes as an ESP SPI; undefined for any other length. */
export function spiFromBytes(bytes: Uint8Array): number | undefined {
  if (bytes.length !== 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}

/** An IKE SPI as eight bytes. */
export function ikeSpiBytes(spi: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, spi);
  return bytes;
}

/** Two bytes, as in INVALID_KE_PAYLOAD. */
export function u16Bytes(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** Eight bytes as an IKE SPI; undefined for any other length and for zero. */
export function ikeSpiFromBytes(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== 8) return undefined;
  const spi = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  return spi === 0n ? undefined : spi;
}

/** An ESP SPI for people: `0xc0ffee01`. */
export function formatSpi(spi: number): string {
  return `0x${spi.toString(16).padStart(8, "0")}`;
}
