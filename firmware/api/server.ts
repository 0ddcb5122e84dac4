/**
 * The listeners of the local API. A start costs two sockets: what answers is loaded when somebody asks for the first
 * time, because a router has its tunnel to bring up before anybody looks at it.
 */
import { createServer, type Server } from "node:http";
import { sameValue } from "#config/diff.ts";
import { isLoopback } from "#config/listen-syntax.ts";
import type { ResolvedWeb } from "#config/resolved-web.ts";
import { type Endpoint, formatEndpoint } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import type { EventDraft } from "#state/event.ts";
import type { Access } from "./access.ts";
import type { App, AppOptions, RequestListener } from "./app.ts";
import type { Backend } from "./backend.ts";
import { listenOnSocket } from "./control-listener.ts";
import { provideFirstPassword } from "./first-password.ts";
import { closeServer, isErrno, listening } from "./listening.ts";
import { filesInMemory, type StateFiles } from "./state-files.ts";
import { Users } from "./users.ts";

/** What `web` of the configuration says; all but the addresses may be left out. */
export type WebSettings = Pick<ResolvedWeb, "listen"> & Partial<ResolvedWeb>;

export interface ApiServer {
  /** Where it listens over TCP; a port of 0 that was asked for is the one that was given. */
  readonly endpoints: readonly Endpoint[];
  /** Follows another configuration; what did not change goes on undisturbed, the control socket always. */
  configure(web: WebSettings): Promise<void>;
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
  readonly server: Server;
}

class LocalApi implements ApiServer {
  readonly #options: ApiOptions;
  readonly #files: StateFiles;
  readonly #users: Users;
  readonly #control: Server;
  #app: Promise<App> | undefined;
  #web: WebSettings = { listen: [] };
  #ports: readonly Port[] = [];
  /** One change after the other: a port must be free before it is taken again. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#files = options.files ?? filesInMemory();
    this.#users = new Users({}, this.#files, options.log);
    this.#control = this.#lazyServer({ kind: "control" });
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

  async close(): Promise<void> {
    await this.#last;
    await Promise.all([this.#control, ...this.#ports.map(({ server }) => server)].map(closeServer));
    this.#ports = [];
  }

  async #follow({ listen, names = [], users = {} }: WebSettings): Promise<void> {
    const before = this.#web;
    this.#web = { listen, names, users };
    this.#users.configure(users);
    if (this.#app && !sameValue(before.users, users)) (await this.#app).reviewSessions();
    if (listen.some(({ address }) => !isLoopback(address)) && this.#users.isEmpty)
      await provideFirstPassword({ ...this.#options, users: this.#users });
    if (sameValue([before.listen, before.names], [listen, names])) return;
    await Promise.all(this.#ports.map(({ server }) => closeServer(server)));
    const ports = await Promise.all(listen.map((wish) => this.#listenOnPort(wish, names)));
    this.#ports = ports.filter((port) => port !== undefined);
  }

  #lazyServer(access: Access): Server {
    const { log } = this.#options;
    let listener: Promise<RequestListener> | undefined;
    const server = createServer((request, response) => {
      listener ??= this.#loadApp().then((app) => app.listener(access));
      listener
        .then((answer) => answer(request, response))
        .catch((error: unknown) => {
          log.error(() => `local API: ${String(error)}`);
          response.destroy();
        });
    });
    server.on("clientError", (_error, socket) => socket.destroy());
    return server;
  }

  #loadApp(): Promise<App> {
    const { backend, log, pageFile, record = () => {} } = this.#options;
    const shared: AppOptions = {
      ...{ backend, log, record, users: this.#users, files: this.#files },
      ...(pageFile && { pageFile }),
    };
    this.#app ??= import("./app.ts").then(({ openApp }) => openApp(shared));
    return this.#app;
  }

  async #listenOnPort(wish: Endpoint, names: readonly string[]): Promise<Port | undefined> {
    const server = this.#lazyServer({
      kind: "port",
      isLoopback: isLoopback(wish.address),
      isSecure: false,
      names,
    });
    try {
      await listening(server, () => server.listen(wish.port, wish.address));
    } catch (error) {
      const where = formatEndpoint(wish);
      this.#options.log.error(`local API: can't listen on ${where}: ${reasonOf(error)}`);
      return undefined;
    }
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : wish.port;
    return { endpoint: { address: wish.address, port }, server };
  }
}

function reasonOf(error: unknown): string {
  if (isErrno(error, "EADDRINUSE")) return "another program has the port (change web.listen)";
  if (isErrno(error, "EADDRNOTAVAIL"))
    return "no interface has this address (change web.listen, or give the interface its address)";
  return String(error);
}
