/** A look at a way through the kernel's own sockets: what answers, what is refused. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import type { IpAddress } from "#lib/ip.ts";
import { isClockSynchronised } from "#linux/libc/libc.ts";
import { lookAtPath } from "#linux/probe/path-look.ts";

const loopback = "127.0.0.1" as IpAddress;

test("a host that answers every size, a port where nothing listens and one where something does", async () => {
  const open = createSocket("udp4").bind(0, loopback);
  await once(open, "listening");
  const closed = createSocket("udp4").bind(0, loopback);
  await once(closed, "listening");
  const free = closed.address().port;
  closed.close();

  const ports = [open.address().port, free];
  const look = await lookAtPath({ address: loopback, device: "lo", mtu: 1_500, ports });
  open.close();

  expect(look).toEqual({
    answersPing: true,
    size: { passes: 1_500, isTold: false },
    refusals: [{ port: free, errno: "ECONNREFUSED" }],
  });
});

test("the kernel says whether the clock is kept right", () => {
  expect([true, false]).toContain(isClockSynchronised());
});
