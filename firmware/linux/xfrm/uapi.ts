/** Numbers of linux/xfrm.h, linux/in.h and linux/socket.h that the XFRM messages are made of. */

/** XFRM_MSG_* */
export const message = {
  newSa: 16,
  deleteSa: 17,
  getSa: 18,
  newPolicy: 19,
  deletePolicy: 20,
  getPolicy: 21,
  acquire: 23,
  expire: 24,
  updatePolicy: 25,
  updateSa: 26,
  flushSa: 28,
  flushPolicy: 29,
  mapping: 38,
} as const;

/** XFRMNLGRP_* */
export const group = { acquire: 1, expire: 2, mapping: 8 } as const;

/** XFRMA_* */
export const attribute = {
  algorithmCrypt: 2,
  encapsulation: 4,
  template: 5,
  replay: 10,
  lastUsed: 15,
  algorithmAead: 18,
  algorithmAuthTruncated: 20,
  replayEsn: 23,
  offloadDevice: 28,
  ifId: 31,
} as const;

export const addressFamily = { unspecified: 0, ipv4: 2, ipv6: 10 } as const;
/** XFRM_MODE_* */
export const mode = { transport: 0, tunnel: 1 } as const;
/** XFRM_POLICY_* directions. */
export const direction = { in: 0, out: 1, forward: 2 } as const;
/** XFRM_STATE_*: a selector of any family on an SA in tunnel mode; 64-bit sequence numbers. */
export const saFlag = { anyFamily: 32, esn: 128 } as const;
/** XFRM_OFFLOAD_* */
export const offloadFlag = { ipv6: 1, inbound: 2, packet: 4 } as const;

export const PROTOCOL_ESP = 50;
/** UDP_ENCAP_ESPINUDP, linux/udp.h */
export const ESP_IN_UDP = 2;
/** XFRM_INF: no limit on bytes or packets. */
export const NO_LIMIT = 0xffff_ffff_ffff_ffffn;

/** Lengths of structs; the same on arm64 and x64. */
export const size = {
  selector: 56,
  saInfo: 224,
  saId: 24,
  policyInfo: 168,
  template: 64,
  encapsulation: 24,
  acquire: 280,
} as const;
