/**
 * The listeners of the local API. A start costs two sockets: what answers is loaded when somebody asks for the first
 * time, because a router has its tunnel to bring up before anybody looks at it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { sameValue } from "#config/diff.ts";
import { isLoopback } from "#config/listen-syntax.ts";
import type { ResolvedTls, ResolvedWeb } from "#config/resolved-web.ts";
import { type Endpoint, formatEndpoint, type IpAddress } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import type { EventDraft } from "#state/event.ts";
import type { Access } from "./access.ts";
import type { App, AppOptions, RequestListener } from "./app.ts";
import type { Backend } from "./backend.ts";
import { Connections } from "./connections.ts";
import { listenOnSocket } from "./control-listener.ts";
import { provideFirstPassword } from "./first-password.ts";
import { closeServer, isErrno, listening } from "./listening.ts";
import { createPortServer, type TlsSource } from "./port-listener.ts";
import { filesInMemory, type StateFiles } from "./state-files.ts";
import { Users } from "./users.ts";

/** What `web` of the configuration says; all but the addresses may be left out. */
export type WebSettings = Pick<ResolvedWeb, "listen"> & Partial<ResolvedWeb>;

export interface ApiServer {
  /** Where it listens over TCP; a port of 0 that was asked for is the one that was given. */
  readonly endpoints: readonly Endpoint[];
  /** Follows another configuration; what did not change goes on undisturbed, the control socket always. */
  configure(web: WebSettings): Promise<void>;
  /** Tries the ports again that it could not listen on, such as on the address of an interface that came late. */
  listenAgain(): Promise<void>;
  /** Ends every stream and listener; the control socket is gone afterwards. */
  close(): Promise<void>;
}

export interface ApiOptions extends WebSettings {
  readonly backend: Backend;
  /** Path of the Unix socket, in a folder that exists. */
  readonly controlSocket: string;
  /** Where passwords and sessions outlive a reboot; left out, they do not. */
  readonly files?: StateFiles;
  /** Takes what happens at the door, for the event log. */
  readonly record?: (event: EventDraft) => void;
  /** Shows something to whoever stands at the device, never to a log. */
  readonly showOnConsole?: (text: string) => void;
  /** The metrics as Prometheus reads them; left out, there are none. */
  readonly metrics?: NonNullable<AppOptions["metrics"]>;
  /** What the page is made of; left out, the one that was built with the program. */
  readonly pageFile?: NonNullable<AppOptions["pageFile"]>;
  readonly log: Log;
}

/** @throws {ControlSocketInUse}, or the error of the system when the control socket can't be made. */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const api = new LocalApi(options);
  await api.start(options.controlSocket);
  await api.configure(options);
  return api;
}

interface Port {
  readonly endpoint: Endpoint;
  close(): Promise<void>;
}

/** Tries to listen on a port. @param isFirst tells in the log when it can't. */
type ListenAttempt = (isFirst: boolean) => Promise<Port | undefined>;

class LocalApi implements ApiServer {
  readonly #options: ApiOptions;
  readonly #files: StateFiles;
  readonly #users: Users;
  readonly #control: Server;
  #app: Promise<App> | undefined;
  #web: WebSettings = { listen: [] };
  #ports: readonly Port[] = [];
  /** Ports that could not be listened on. */
  #missing: readonly ListenAttempt[] = [];
  /** One change after the other: a port must be free before it is taken again. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#files = options.files ?? filesInMemory();
    this.#users = new Users({}, this.#files, options.log);
    this.#control = createServer(this.#lazily({ kind: "control" }));
    // Whoever may open it may take their time: an update is long, and a worn card slow.
    this.#control.requestTimeout = 0;
    this.#control.on("clientError", dropClient);
  }

  get endpoints(): readonly Endpoint[] {
    return this.#ports.map(({ endpoint }) => endpoint);
  }

  start(controlSocket: string): Promise<void> {
    return listenOnSocket(this.#control, controlSocket);
  }

  configure(web: WebSettings): Promise<void> {
    this.#last = this.#last.then(() => this.#follow(web));
    return this.#last;
  }

  listenAgain(): Promise<void> {
    if (this.#missing.length === 0) return this.#last;
    this.#last = this.#last.then(() => this.#open(this.#missing, false));
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#missing = [];
    await Promise.all([closeServer(this.#control), ...this.#ports.map((port) => port.close())]);
    this.#ports = [];
  }

  async #follow(web: WebSettings): Promise<void> {
    const { listen, names = [], users = {}, tls = { kind: "off" } } = web;
    const before = this.#web;
    this.#web = { listen, names, users, tls };
    this.#users.configure(users);
    if (this.#app && !sameValue(before.users, users)) (await this.#app).reviewSessions();
    if (listen.some(({ address }) => !isLoopback(address)) && this.#users.isEmpty)
      await provideFirstPassword({ ...this.#options, users: this.#users });
    if (sameValue([before.listen, before.names, before.tls], [listen, names, tls])) return;
    await Promise.all(this.#ports.map((port) => port.close()));
    this.#ports = [];
    const source = await this.#tlsSource({ listen, names, tls });
    const attempts = listen.flatMap((wish): ListenAttempt[] => {
      const isPlain = !isSecure(tls, wish.address);
      if (!isPlain && !source) return [];
      return [(isFirst) => this.#listenOnPort(wish, names, isPlain ? undefined : source, isFirst)];
    });
    await this.#open(attempts, true);
  }

  async #open(attempts: readonly ListenAttempt[], isFirst: boolean): Promise<void> {
    const opened = await Promise.all(
      attempts.map(async (attempt) => ({ attempt, port: await attempt(isFirst) })),
    );
    this.#ports = [...this.#ports, ...opened.flatMap(({ port }) => port ?? [])];
    this.#missing = opened.flatMap(({ attempt, port }) => (port ? [] : attempt));
  }

  async #tlsSource(
    web: Pick<ResolvedWeb, "listen" | "names" | "tls">,
  ): Promise<TlsSource | undefined> {
    const { log } = this.#options;
    const listen = web.listen.map(({ address }) => address);
    if (!listen.some((address) => isSecure(web.tls, address))) return undefined;
    try {
      const { tlsSource } = await import("./tls-source.ts");
      return tlsSource({ ...web, listen, files: this.#files, log });
    } catch (error) {
      log.error(`local API: no TLS without a certificate: ${String(error)}`);
      return undefined;
    }
  }

  /** Answers requests; what does it is loaded with the first. */
  #lazily(access: Access): (request: IncomingMessage, response: ServerResponse) => void {
    const { log } = this.#options;
    let listener: Promise<RequestListener> | undefined;
    return (request, response) => {
      listener ??= this.#loadApp().then((app) => app.listener(access));
      listener
        .then((answer) => answer(request, response))
        .catch((error: unknown) => {
          log.error(() => `local API: ${String(error)}`);
          response.destroy();
        });
    };
  }

  #loadApp(): Promise<App> {
    const { backend, log, pageFile, metrics, record = () => {} } = this.#options;
    const shared: AppOptions = {
      ...{ backend, log, record, users: this.#users, files: this.#files },
      ...(pageFile && { pageFile }),
      ...(metrics && { metrics }),
    };
    this.#app ??= import("./app.ts").then(({ openApp }) => openApp(shared));
    return this.#app;
  }

  async #listenOnPort(
    wish: Endpoint,
    names: readonly string[],
    tls: TlsSource | undefined,
    isFirst: boolean,
  ): Promise<Port | undefined> {
    const answer = this.#lazily({
      kind: "port",
      isLoopback: isLoopback(wish.address),
      isSecure: tls !== undefined,
      names,
      admit: (socket) => connections.admit(socket),
    });
    const server = await createPortServer(answer, tls);
    server.on("clientError", dropClient);
    const connections = new Connections(server);
    try {
      await listening(server, () => server.listen(wish.port, wish.address));
    } catch (error) {
      const where = formatEndpoint(wish);
      if (isFirst)
        this.#options.log.error(`local API: can't listen on ${where}: ${reasonOf(error)}`);
      return undefined;
    }
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : wish.port;
    return {
      endpoint: { address: wish.address, port },
      close: () => {
        const closed = closeServer(server);
        connections.close();
        return closed;
      },
    };
  }
}

/** What is no HTTP gets no answer. */
const dropClient = (_error: Error, socket: Duplex): void => void socket.destroy();

/** Whether an address of the page speaks TLS. */
const isSecure = (tls: ResolvedTls, address: IpAddress): boolean =>
  tls.kind === "auto" ? !isLoopback(address) : tls.kind !== "off";

function reasonOf(error: unknown): string {
  if (isErrno(error, "EADDRINUSE")) return "another program has the port (change web.listen)";
  if (isErrno(error, "EADDRNOTAVAIL"))
    return "no interface has this address (change web.listen, or give the interface its address)";
  return String(error);
}
