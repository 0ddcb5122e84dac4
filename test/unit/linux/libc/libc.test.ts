import { expect, test } from "vitest";
import type { IpAddress } from "#lib/ip.ts";
import {
  bindSocket,
  closeDescriptor,
  connectSocket,
  interfaceIndex,
  setIntOption,
  socketName,
  udpSocket,
} from "#linux/libc/libc.ts";

/** Runs `use` with a fresh UDP socket, which is closed afterwards. */
function withSocket<Value>(family: 4 | 6, use: (fd: number) => Value): Value {
  const socket = udpSocket(family);
  if (!socket.ok) throw new Error(socket.error);
  try {
    return use(socket.value);
  } finally {
    closeDescriptor(socket.value);
  }
}

test.each(["127.0.0.1", "::1"])("a socket bound to %s tells that address and its port", (text) => {
  const address = text as IpAddress;
  const name = withSocket(text.includes(":") ? 6 : 4, (fd) => {
    expect(bindSocket(fd, address, 0)).toEqual({ ok: true, value: undefined });
    return socketName(fd);
  });
  expect(name).toMatchObject({ ok: true, value: { address } });
  expect(name.ok && name.value.port).toBeGreaterThan(0);
});

test("connecting makes the kernel choose the source address", () => {
  const name = withSocket(4, (fd) => {
    connectSocket(fd, "127.0.0.1" as IpAddress, 500);
    return socketName(fd);
  });
  expect(name).toMatchObject({ ok: true, value: { address: "127.0.0.1" } });
});

test("a call that fails gives the name of its error", () => {
  const foreign = "192.0.2.77" as IpAddress;
  expect(withSocket(4, (fd) => bindSocket(fd, foreign, 0))).toEqual({
    ok: false,
    error: "EADDRNOTAVAIL",
  });
  expect(withSocket(4, (fd) => setIntOption(fd, 17, 0x7fff, 1))).toEqual({
    ok: false,
    error: "ENOPROTOOPT",
  });
  expect(socketName(-1)).toEqual({ ok: false, error: "EBADF" });
});

test("the loopback interface has an index, an unknown one has none", () => {
  expect(interfaceIndex("lo")).toBeGreaterThan(0);
  expect(interfaceIndex("no-such-dev")).toBeUndefined();
});
