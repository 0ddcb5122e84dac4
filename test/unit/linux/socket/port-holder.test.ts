import { expect, test } from "vitest";
import { portHolder, socketsOnPort } from "#linux/socket/port-holder.ts";

// proc_pid_net(5): /proc/net/udp, with columns of a Linux 6.1 kernel.
const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  310: 00000000:01F4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 41522 2 0000000000000000 0
 4310: 0100007F:1194 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 41523 2 0000000000000000 0
 4311: 00000000:01F4 0200000A:01F4 01 00000000:00000000 00:00000000 00000000     0        0 41530 2 0000000000000000 0
`;

test("the sockets on a port are found by their local port", () => {
  expect(socketsOnPort(TABLE, 500)).toEqual(["socket:[41522]", "socket:[41530]"]);
  expect(socketsOnPort(TABLE, 4500)).toEqual(["socket:[41523]"]);
  expect(socketsOnPort(TABLE, 501)).toEqual([]);
});

test("a port that nobody holds has no holder", () => {
  expect(portHolder(1)).toBeUndefined();
});
