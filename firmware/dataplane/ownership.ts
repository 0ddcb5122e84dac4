/** The marks by which everything the daemon put into the kernel can be found, and removed, after a crash. */

/** `proto` of every route of ours; `186 flexspoke` in rt_protos.d. */
export const ROUTE_PROTOCOL = 186;
/** Our nftables table, family inet. */
export const NFT_TABLE = "flexspoke";
/** Interface alias of a tunnel. */
export const interfaceAlias = (tunnel: string): string => `flexspoke:${tunnel}`;

/** Interface ids and request ids of ours are this plus the tunnel's number; nobody else's start with "FS" in ASCII. */
const ID_BASE = 0x4653_0000;

/** The xfrm interface id and the request id of the tunnel with this number, 1 to 65535. */
export const tunnelId = (tunnelNumber: number): number => ID_BASE + tunnelNumber;

export const isOwnId = (id: number): boolean => id > ID_BASE && id <= ID_BASE + 0xffff;
