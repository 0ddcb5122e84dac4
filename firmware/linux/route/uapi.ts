/** Numbers of linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h and linux/if.h that the route family's messages are made of. */

/** RTM_* */
export const message = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newRoute: 24,
  deleteRoute: 25,
  getRoute: 26,
} as const;

/** RTNLGRP_* */
export const group = { link: 1, ipv4Address: 5, ipv6Address: 9 } as const;

/** RTNLGRP_* of what routes come and go with. */
export const monitorGroup = {
  link: 1,
  ipv4Address: 5,
  ipv4Route: 7,
  ipv6Address: 9,
  ipv6Route: 11,
  nextHop: 32,
} as const;

/** IFLA_* */
export const link = { name: 3, mtu: 4, master: 10, linkInfo: 18, alias: 20 } as const;
/** IFLA_INFO_* */
export const linkInfo = { kind: 1, data: 2 } as const;
/** IFLA_XFRM_* */
export const xfrmLink = { link: 1, ifId: 2 } as const;
/** IFF_* */
export const linkFlag = { up: 0x1, running: 0x40, lowerUp: 0x1_0000 } as const;

/** IFA_* and IFA_F_* */
export const address = { address: 1, local: 2 } as const;
export const addressFlag = { noDad: 0x2 } as const;

/** RTA_* */
export const route = {
  destination: 1,
  device: 4,
  gateway: 5,
  priority: 6,
  preferredSource: 7,
  table: 15,
} as const;
/** RTN_* */
export const routeKind = { unicast: 1, blackhole: 6, unreachable: 7 } as const;
/** RT_TABLE_MAIN */
export const MAIN_TABLE = 254;
/** RT_SCOPE_* */
export const scope = { universe: 0, link: 253 } as const;

export const addressFamily = { unspecified: 0, ipv4: 2, ipv6: 10 } as const;

/** Lengths of struct ifinfomsg, ifaddrmsg and rtmsg. */
export const size = { link: 16, address: 8, route: 12 } as const;
