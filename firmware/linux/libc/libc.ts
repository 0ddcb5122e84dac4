/**
 * The handful of C library calls that Node lacks, each with its signature beside its man page. It knows no IKE: callers
 * give levels, options and bytes. Every number is the kernel's for x86-64 and aarch64, which agree on all of them.
 */
import { getSystemErrorName } from "node:util";
import koffi from "koffi";
import type { Duration } from "#lib/duration.ts";
import { InvariantError } from "#lib/invariant.ts";
import { type IpAddress, type IpFamily, ipBytes, ipFromBytes } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";

/** The name of the error a call ended with: `EADDRINUSE`. errno(3) */
export type Errno = string;

export const AF_INET = 2;
export const AF_INET6 = 10;
const AF_PACKET = 17;

/** struct timex and room to spare; zero asks and sets nothing. */
const TIMEX_BYTES = 256;
const TIME_ERROR = 5;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/** Opens a UDP socket, non-blocking and closed on exec. udp(7) @returns its descriptor, which the caller must close. */
export function udpSocket(family: IpFamily): Result<number, Errno> {
  return openSocket(family, SOCK_DGRAM, 0);
}

/** Opens a TCP socket, non-blocking and closed on exec. tcp(7) @returns its descriptor, which the caller must close. */
export function tcpSocket(family: IpFamily): Result<number, Errno> {
  return openSocket(family, SOCK_STREAM, 0);
}

/**
 * Opens a socket for ICMP echo whose identifier the kernel gives and whose answers alone it hears; only for a group
 * that net.ipv4.ping_group_range names. icmp(7) @returns its descriptor, which the caller must close.
 */
export function pingSocket(family: IpFamily): Result<number, Errno> {
  return openSocket(family, SOCK_DGRAM, family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

/**
 * Opens a socket for the packets of one Ethernet protocol on one interface, without their Ethernet headers; non-blocking
 * and closed on exec. packet(7) @param protocol an EtherType. @returns its descriptor, which the caller must close.
 */
export function packetSocket(protocol: number, interfaceIndex: number): Result<number, Errno> {
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const opened = checked((libc) => libc.socket(AF_PACKET, type, 0));
  if (!opened.ok) return opened;
  const name = linkAddress(protocol, interfaceIndex);
  const bound = checked((libc) => libc.bind(opened.value, name, name.length));
  if (bound.ok) return opened;
  closeDescriptor(opened.value);
  return bound;
}

/**
 * The Ethernet address of the interface that a packet socket is bound to: `02:00:5e:00:53:01`. getsockname(2), packet(7)
 * @returns undefined for an interface of another kind.
 */
export function ethernetAddress(fd: number): string | undefined {
  const name = new Uint8Array(20);
  const length = new Uint8Array(4);
  const view = new DataView(name.buffer);
  new DataView(length.buffer).setUint32(0, name.length, true);
  if (!checked((libc) => libc.getsockname(fd, name, length)).ok) return undefined;
  if (view.getUint16(8, true) !== ARPHRD_ETHER || name[11] !== ETHERNET_ADDRESS_LENGTH)
    return undefined;
  const bytes = name.subarray(12, 12 + ETHERNET_ADDRESS_LENGTH);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** Everybody on an interface's link, as the kernel takes it. packet(7): struct sockaddr_ll */
export function everybodyOn(protocol: number, interfaceIndex: number): SocketAddress {
  const name = linkAddress(protocol, interfaceIndex);
  name[11] = ETHERNET_ADDRESS_LENGTH;
  name.fill(0xff, 12, 12 + ETHERNET_ADDRESS_LENGTH);
  return name as SocketAddress;
}

/** struct sockaddr_ll, 20 bytes: family 0:2, protocol be 2:2, index 4:4, kind 8:2, length of the address 11:1, address 12:8 */
function linkAddress(protocol: number, interfaceIndex: number): Uint8Array {
  const name = new Uint8Array(20);
  const view = new DataView(name.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol);
  view.setInt32(4, interfaceIndex, true);
  return name;
}

const ETHERNET_ADDRESS_LENGTH = 6;
/** linux/if_arp.h */
const ARPHRD_ETHER = 1;

/** Takes a datagram that has arrived, cut off after `most` bytes; `EAGAIN` when there is none. recv(2) */
export function receiveDatagram(fd: number, most: number): Result<Uint8Array, Errno> {
  const bytes = new Uint8Array(most);
  const length = checked((libc) => libc.recv(fd, bytes, most, MSG_DONTWAIT));
  return length.ok ? ok(bytes.subarray(0, length.value)) : length;
}

function openSocket(family: IpFamily, type: number, protocol: number): Result<number, Errno> {
  const domain = family === 4 ? AF_INET : AF_INET6;
  return checked((libc) => libc.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

/** Sets an option whose value is an `int`. setsockopt(2) */
export function setIntOption(
  fd: number,
  level: number,
  option: number,
  value: number,
): Result<void, Errno> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return setBytesOption(fd, level, option, bytes);
}

/** Sets an option whose value is a structure or a string, given as bytes in the machine's own order. setsockopt(2) */
export function setBytesOption(
  fd: number,
  level: number,
  option: number,
  value: Uint8Array,
): Result<void, Errno> {
  return asVoid(checked((libc) => libc.setsockopt(fd, level, option, value, value.length)));
}

/** Reads an option whose value has up to `length` bytes, in the machine's own order. getsockopt(2) */
export function readBytesOption(
  fd: number,
  level: number,
  option: number,
  length: number,
): Result<Uint8Array, Errno> {
  const value = new Uint8Array(length);
  const size = new Uint8Array(4);
  const view = new DataView(size.buffer);
  view.setUint32(0, length, true);
  const status = checked((libc) => libc.getsockopt(fd, level, option, value, size));
  return status.ok ? ok(value.slice(0, view.getUint32(0, true))) : status;
}

/** Gives a socket its local address. bind(2) */
export function bindSocket(fd: number, address: IpAddress, port: number): Result<void, Errno> {
  const name = encodeSockaddr(address, port);
  return asVoid(checked((libc) => libc.bind(fd, name, name.length)));
}

/** An address as the kernel takes it, for `sendDatagram`: made once where the same one is used again and again. */
export type SocketAddress = Uint8Array & { readonly __brand: "SocketAddress" };

export function socketAddress(address: IpAddress, port: number): SocketAddress {
  return encodeSockaddr(address, port) as SocketAddress;
}

/** Sends now or not at all; without `to` to the far end that `connectSocket` fixed. sendto(2) */
export function sendDatagram(
  fd: number,
  bytes: Uint8Array,
  to: SocketAddress | null,
): Result<void, Errno> {
  const length = to?.length ?? 0;
  return asVoid(checked((libc) => libc.sendto(fd, bytes, bytes.length, MSG_DONTWAIT, to, length)));
}

/**
 * How long ago the kernel received the datagram that was read last from a socket. socket(7): SIOCGSTAMP
 * @param now `performance.now` milliseconds. @returns undefined when it can't be told.
 */
export function sinceReceipt(fd: number, now: number): Duration | undefined {
  const libc = calls();
  if (libc.ioctl(fd, SIOCGSTAMPNS, timestamp) !== 0) return undefined;
  const received = readTimestamp();
  if (now - comparedAt > COMPARISON_HOLDS_MS) {
    libc.clock_gettime(CLOCK_REALTIME, timestamp);
    realTimeAhead = readTimestamp() - performance.now();
    comparedAt = now;
  }
  const age = now + realTimeAhead - received;
  // Beyond that the clock was set in between.
  return age >= 0 && age < MOST_PLAUSIBLE_AGE_MS ? (age as Duration) : undefined;
}

/** A call whose argument is an `int` that goes in, comes out, or both. ioctl(2) @returns the int afterwards. */
export function ioctlInt(fd: number, request: number, value: number): Result<number, Errno> {
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, value, true);
  const status = checked((libc) => libc.ioctl(fd, request, bytes));
  return status.ok ? ok(view.getInt32(0, true)) : status;
}

/** Whether something keeps the wall clock right, as far as the kernel was told. adjtimex(2) */
export function isClockSynchronised(): boolean {
  return calls().adjtimex(new Uint8Array(TIMEX_BYTES)) !== TIME_ERROR;
}

/** Sets the clock of the machine. clock_settime(2) @param time milliseconds since 1970. */
export function setRealTime(time: number): Result<void, Errno> {
  const timespec = new Uint8Array(16);
  const view = new DataView(timespec.buffer);
  view.setBigInt64(0, BigInt(Math.floor(time / 1_000)), true);
  view.setBigInt64(8, BigInt(Math.floor(time % 1_000)) * 1_000_000n, true);
  return asVoid(checked((libc) => libc.clock_settime(CLOCK_REALTIME, timespec)));
}

/** Fixes a UDP socket's far end, which makes the kernel choose a route and a source address; sends nothing. connect(2) */
export function connectSocket(fd: number, address: IpAddress, port: number): Result<void, Errno> {
  const name = encodeSockaddr(address, port);
  return asVoid(checked((libc) => libc.connect(fd, name, name.length)));
}

/** The socket's local address and port. getsockname(2) */
export function socketName(fd: number): Result<{ address: IpAddress; port: number }, Errno> {
  const name = new Uint8Array(SOCKADDR_IN6_LENGTH);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, name.length, true);
  const status = checked((libc) => libc.getsockname(fd, name, length));
  return status.ok ? ok(decodeSockaddr(name)) : status;
}

/** Gives a descriptor back. close(2); whatever it answers, the descriptor is gone. */
export function closeDescriptor(fd: number): void {
  calls().close(fd);
}

/** The index of an interface of this network namespace, 1 and up; undefined when there is none. if_nametoindex(3) */
export function interfaceIndex(name: string): number | undefined {
  const index = calls().if_nametoindex(name);
  return index === 0 ? undefined : index;
}

/** Lets go of what is cached of a file or device, so that it is read anew; flush it before. posix_fadvise(2) */
export function forgetCached(fd: number): void {
  calls().posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

/**
 * Makes a file that lives in memory and has no path; it goes with its last descriptor. memfd_create(2)
 * @param name shows up in /proc only. @returns a descriptor that isn't inherited, which the caller must close.
 */
export function memoryFile(name: string): Result<number, Errno> {
  return checked((libc) => libc.memfd_create(name, MFD_CLOEXEC));
}

const MFD_CLOEXEC = 1;
const POSIX_FADV_DONTNEED = 4;
const MSG_DONTWAIT = 0x40;
/** Answers with a struct timespec of two 64-bit numbers on 64-bit machines. linux/sockios.h: SIOCGSTAMPNS_OLD */
const SIOCGSTAMPNS = 0x8907;
const CLOCK_REALTIME = 0;
const MOST_PLAUSIBLE_AGE_MS = 60_000;
/** The kernel stamps by the wall clock, which is slewed and set: it is compared with ours that often. */
const COMPARISON_HOLDS_MS = 20;
/** What the wall clock is ahead of `performance.now`, milliseconds, and when that was found. */
let realTimeAhead = 0;
let comparedAt = Number.NEGATIVE_INFINITY;

const timestamp = new Uint8Array(16);
const timestampView = new DataView(timestamp.buffer);

/** Milliseconds with fractions; of the seconds only the low 32 bits, which is enough for differences. */
function readTimestamp(): number {
  return timestampView.getUint32(0, true) * 1_000 + timestampView.getUint32(8, true) / 1e6;
}

interface Calls {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  getsockopt(
    fd: number,
    level: number,
    name: number,
    value: Uint8Array,
    length: Uint8Array,
  ): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  connect(fd: number, address: Uint8Array, length: number): number;
  sendto(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array | null,
    addressLength: number,
  ): number;
  recv(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  clock_gettime(clock: number, time: Uint8Array): number;
  clock_settime(clock: number, time: Uint8Array): number;
  adjtimex(settings: Uint8Array): number;
  getsockname(fd: number, address: Uint8Array, length: Uint8Array): number;
  close(fd: number): number;
  if_nametoindex(name: string): number;
  memfd_create(name: string, flags: number): number;
  posix_fadvise(fd: number, offset: number, length: number, advice: number): number;
  errno(): number;
}

let loaded: Calls | undefined;

/** The bindings, made at the first call: a command that opens no socket doesn't pay for them. */
function calls(): Calls {
  loaded ??= loadCalls();
  return loaded;
}

function loadCalls(): Calls {
  const libc = koffi.load("libc.so.6");
  const bind = <Name extends keyof Calls>(prototype: string) => libc.func(prototype) as Calls[Name];
  return {
    // socket(2)
    socket: bind<"socket">("int socket(int domain, int type, int protocol)"),
    // setsockopt(2)
    setsockopt: bind<"setsockopt">(
      "int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)",
    ),
    // getsockopt(2)
    getsockopt: bind<"getsockopt">(
      "int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint8_t *length)",
    ),
    // bind(2)
    bind: bind<"bind">("int bind(int fd, const uint8_t *address, uint32_t length)"),
    // connect(2)
    connect: bind<"connect">("int connect(int fd, const uint8_t *address, uint32_t length)"),
    // sendto(2)
    sendto: bind<"sendto">(
      "int64_t sendto(int fd, const uint8_t *bytes, uint64_t length, int flags, const uint8_t *address, uint32_t addressLength)",
    ),
    // recv(2)
    recv: bind<"recv">("int64_t recv(int fd, _Out_ uint8_t *bytes, uint64_t length, int flags)"),
    // ioctl(2)
    ioctl: bind<"ioctl">("int ioctl(int fd, uint64_t request, uint8_t *argument)"),
    // clock_gettime(2)
    clock_gettime: bind<"clock_gettime">("int clock_gettime(int clock, uint8_t *time)"),
    // clock_settime(2)
    clock_settime: bind<"clock_settime">("int clock_settime(int clock, const uint8_t *time)"),
    // adjtimex(2)
    adjtimex: bind<"adjtimex">("int adjtimex(_Inout_ uint8_t *settings)"),
    // getsockname(2)
    getsockname: bind<"getsockname">(
      "int getsockname(int fd, _Out_ uint8_t *address, _Inout_ uint8_t *length)",
    ),
    // close(2)
    close: bind<"close">("int close(int fd)"),
    // if_nametoindex(3)
    if_nametoindex: bind<"if_nametoindex">("uint32_t if_nametoindex(const char *name)"),
    // memfd_create(2)
    memfd_create: bind<"memfd_create">("int memfd_create(const char *name, uint32_t flags)"),
    // posix_fadvise(2)
    posix_fadvise: bind<"posix_fadvise">(
      "int posix_fadvise(int fd, int64_t offset, int64_t length, int advice)",
    ),
    errno: () => koffi.errno(),
  };
}

/** Runs a call that answers -1 on failure; errno is read before anything else can change it. */
function checked(call: (libc: Calls) => number): Result<number, Errno> {
  const libc = calls();
  const status = call(libc);
  return status >= 0 ? ok(status) : failed(getSystemErrorName(-libc.errno()));
}

function asVoid(result: Result<number, Errno>): Result<void, Errno> {
  return result.ok ? ok(undefined) : result;
}

const SOCKADDR_IN_LENGTH = 16;
const SOCKADDR_IN6_LENGTH = 28;

/** struct sockaddr_in: family 0:2, port be 2:2, address 4:4. ip(7); sockaddr_in6: flowinfo 4:4, address 8:16. ipv6(7) */
function encodeSockaddr(address: IpAddress, port: number): Uint8Array {
  const bytes = ipBytes(address);
  const isV4 = bytes.length === 4;
  const name = new Uint8Array(isV4 ? SOCKADDR_IN_LENGTH : SOCKADDR_IN6_LENGTH);
  const view = new DataView(name.buffer);
  view.setUint16(0, isV4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  name.set(bytes, isV4 ? 4 : 8);
  return name;
}

function decodeSockaddr(name: Uint8Array): { address: IpAddress; port: number } {
  const view = new DataView(name.buffer, name.byteOffset, name.byteLength);
  const family = view.getUint16(0, true);
  if (family !== AF_INET && family !== AF_INET6) {
    throw new InvariantError(`socket of address family ${family}`);
  }
  const address = family === AF_INET ? name.subarray(4, 8) : name.subarray(8, 24);
  return { address: ipFromBytes(address), port: view.getUint16(2) };
}
