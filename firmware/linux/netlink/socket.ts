/**
 * One netlink socket: requests and their answers, dumps, multicast. The kernel handles requests inside the call that
 * sends them, so there are no timers here; what it can't deliver it reports as an overflow. Knows no family's messages.
 * Source: linux/netlink.h, `netlink(7)`.
 */
import { RawNetlinkSocket } from "node-netlink/dist/raw.js";
import { failed, ok, type Result } from "#lib/result.ts";
import {
  control,
  decodeAnswer,
  decodeMessages,
  flag,
  type NetlinkMessage,
  type NetlinkRequest,
  NetlinkWriter,
} from "./codec.ts";
import {
  droppedMessages,
  extendAnswers,
  netlinkDescriptor,
  silenceOverruns,
} from "./descriptor.ts";
import { errnoName } from "./errno.ts";

/** linux/netlink.h: NETLINK_* families used here. */
export const family = { route: 0, xfrm: 6 } as const;

/** Why the kernel, or the socket, refused a request. */
export interface NetlinkFault {
  /** `EPERM`, `ENOENT`, … */
  readonly errno: string;
  /** The kernel's own words, where it gave any. */
  readonly text?: string;
}

type Answer = Result<undefined, NetlinkFault>;

interface Batch {
  readonly answers: Answer[];
  readonly firstSequence: number;
  readonly resolve: (answers: readonly Answer[]) => void;
}

interface Dump {
  readonly take: (message: NetlinkMessage) => void;
  readonly resolve: (answer: Answer) => void;
}

/** Room for a burst of multicast messages, bytes; the kernel caps it at net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 1_048_576;
/** The kernel takes one send in one piece up to its send buffer; larger batches are split below it. */
const BATCH_BYTES = 65_536;

export class NetlinkSocket {
  readonly #raw: RawNetlinkSocket;
  readonly #descriptor: number | undefined;
  readonly #batches = new Map<number, Batch>();
  readonly #dumps = new Map<number, Dump>();
  readonly #unsent = new Set<NetlinkWriter>();
  #asksForDrops = false;
  /** Messages that the kernel had no room for, as last heard. */
  #drops = 0;
  #lastDump: Promise<unknown> = Promise.resolve();
  #multicast: (message: NetlinkMessage) => void = () => {};
  #overflow: () => void = () => {};
  #sequence = 0;
  #isClosed = false;

  private constructor(raw: RawNetlinkSocket, descriptor: number | undefined) {
    this.#raw = raw;
    this.#descriptor = descriptor;
    raw.on("message", (bytes, sender) => {
      this.#askForDrops();
      try {
        if (sender.port === 0) for (const message of decodeMessages(bytes)) this.#receive(message);
      } catch (error) {
        // What is thrown into the native part ends the process without a word: let it take the usual way.
        queueMicrotask(() => {
          throw error;
        });
      } finally {
        // Answers about SAs carry their keys.
        bytes.fill(0);
      }
    });
    raw.on("error", (error) => this.#fail(error.code));
  }

  /** Opens a socket of `protocol` that keeps the process alive only while requests are under way. */
  static open(protocol: number): Result<NetlinkSocket, NetlinkFault> {
    try {
      const { raw, descriptor } = openRaw(protocol);
      return ok(new NetlinkSocket(raw, descriptor));
    } catch (error) {
      if (!isErrno(error)) throw error;
      return failed({ errno: error.code });
    }
  }

  /** Joins multicast groups by number; those the kernel does not know are returned. */
  subscribe(
    groups: readonly number[],
    listener: { message: (message: NetlinkMessage) => void; overflow: () => void },
  ): readonly number[] {
    this.#multicast = listener.message;
    this.#overflow = listener.overflow;
    return groups.filter((group) => {
      try {
        this.#raw.addMembership(group);
        return false;
      } catch (error) {
        if (!isErrno(error)) throw error;
        return true;
      }
    });
  }

  /**
   * Sends all requests in one call and waits for the last one's acknowledgement: requests that the kernel does not
   * refuse before that have succeeded. A refused one does not stop those after it. The buffer, which may hold keys, is
   * wiped once sent.
   * @returns one answer a request, in order.
   */
  async request(requests: readonly NetlinkRequest[]): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    let from = 0;
    while (from < requests.length) {
      const writer = new NetlinkWriter();
      const firstSequence = this.#sequence + 1;
      let to = from;
      do {
        const request = requests[to++] as NetlinkRequest;
        const isLast = to === requests.length || writer.length > BATCH_BYTES;
        const flags = request.flags | flag.request | (isLast ? flag.ack : 0);
        writer.message({ ...request, flags }, this.#nextSequence());
        if (isLast) break;
      } while (to < requests.length);
      answers.push(...(await this.#send(writer, firstSequence, to - from)));
      from = to;
    }
    return answers;
  }

  /**
   * Asks for a dump, or for one object when `flags` is 0. The kernel does one dump a socket at a time: they wait here.
   * @param decode called for each message while its bytes are valid; undefined leaves it out.
   */
  dump<Value>(
    request: NetlinkRequest,
    decode: (message: NetlinkMessage) => Value | undefined,
  ): Promise<Result<readonly Value[], NetlinkFault>> {
    const values: Value[] = [];
    const take = (message: NetlinkMessage) => {
      const value = decode(message);
      if (value !== undefined) values.push(value);
    };
    const answer = this.#lastDump.then(() => this.#ask(request, take));
    this.#lastDump = answer;
    return answer.then((end) => (end.ok ? ok(values) : end));
  }

  /** Requests under way are answered EBADF. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#failAll("EBADF");
    this.#raw.close();
    for (const writer of this.#unsent) writer.wipe();
  }

  #ask(request: NetlinkRequest, take: Dump["take"]): Promise<Answer> {
    return new Promise((resolve) => {
      if (this.#isClosed) return resolve(failed({ errno: "EBADF" }));
      const sequence = this.#nextSequence();
      const isDump = (request.flags & flag.dump) === flag.dump;
      const flags = request.flags | flag.request | (isDump ? 0 : flag.ack);
      const writer = new NetlinkWriter(256).message({ ...request, flags }, sequence);
      this.#dumps.set(sequence, { take, resolve });
      this.#transmit(writer, (errno) => this.#endDump(sequence, failed({ errno })));
    });
  }

  #send(writer: NetlinkWriter, firstSequence: number, count: number): Promise<readonly Answer[]> {
    return new Promise((resolve) => {
      const answers: Answer[] = Array(count).fill(ok(undefined));
      if (this.#isClosed) {
        writer.wipe();
        return resolve(answers.map(() => failed({ errno: "EBADF" })));
      }
      const last = firstSequence + count - 1;
      this.#batches.set(last, { answers, firstSequence, resolve });
      this.#transmit(writer, (errno) => this.#endBatch(last, errno));
    });
  }

  #transmit(writer: NetlinkWriter, refused: (errno: string) => void): void {
    const { buffer, byteOffset, length } = writer.view();
    this.#raw.ref();
    this.#unsent.add(writer);
    this.#raw.send(Buffer.from(buffer, byteOffset, length), {}, (error) => {
      this.#unsent.delete(writer);
      writer.wipe();
      if (error) refused(error.code);
    });
  }

  #receive(message: NetlinkMessage): void {
    const dump = this.#dumps.get(message.sequence);
    if (message.sequence === 0) {
      this.#multicast(message);
    } else if (message.type === control.error || message.type === control.done) {
      const { errno, text } = decodeAnswer(message);
      const answer: Answer =
        errno === 0 ? ok(undefined) : failed({ errno: errnoName(errno), ...(text && { text }) });
      if (dump) this.#endDump(message.sequence, answer);
      else this.#answerBatch(message.sequence, answer);
    } else if (dump && message.type !== control.noop) {
      dump.take(message);
    } else if (!dump) {
      // A multicast message carries the sequence number of the request that caused it, ours or another process's.
      this.#multicast(message);
    }
  }

  #answerBatch(sequence: number, answer: Answer): void {
    for (const [last, batch] of this.#batches) {
      if (sequence < batch.firstSequence || sequence > last) continue;
      batch.answers[sequence - batch.firstSequence] = answer;
      if (sequence === last) this.#endBatch(last);
      return;
    }
  }

  #endBatch(last: number, errno?: string): void {
    const batch = this.#batches.get(last);
    this.#batches.delete(last);
    this.#restWhenIdle();
    batch?.resolve(errno ? batch.answers.map(() => failed({ errno })) : batch.answers);
  }

  #endDump(sequence: number, answer: Answer): void {
    const dump = this.#dumps.get(sequence);
    this.#dumps.delete(sequence);
    this.#restWhenIdle();
    dump?.resolve(answer);
  }

  /**
   * The kernel drops messages only while others wait to be read: it is asked once those that came in one go have been.
   */
  #askForDrops(): void {
    const descriptor = this.#descriptor;
    if (this.#asksForDrops || descriptor === undefined) return;
    this.#asksForDrops = true;
    setImmediate(() => {
      this.#asksForDrops = false;
      if (this.#isClosed) return;
      const drops = droppedMessages(descriptor);
      if (drops === this.#drops) return;
      this.#drops = drops;
      this.#fail("ENOBUFS");
    });
  }

  /** ENOBUFS: the kernel dropped messages for us, answers perhaps among them. */
  #fail(errno: string): void {
    this.#failAll(errno);
    if (errno === "ENOBUFS") this.#overflow();
  }

  #failAll(errno: string): void {
    for (const last of [...this.#batches.keys()]) this.#endBatch(last, errno);
    for (const sequence of [...this.#dumps.keys()]) this.#endDump(sequence, failed({ errno }));
  }

  #restWhenIdle(): void {
    if (!this.#isClosed && this.#batches.size === 0 && this.#dumps.size === 0) this.#raw.unref();
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence % 0x7fff_ffff) + 1;
    return this.#sequence;
  }
}

function openRaw(protocol: number): {
  readonly raw: RawNetlinkSocket;
  readonly descriptor: number | undefined;
} {
  const raw = new RawNetlinkSocket(protocol, {
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    sendBufferSize: 0,
  });
  const descriptor = netlinkDescriptor(protocol, raw.address().port);
  if (descriptor !== undefined) {
    extendAnswers(descriptor);
    silenceOverruns(descriptor);
  }
  raw.unref();
  return { raw, descriptor };
}

function isErrno(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
