/** The page as the product serves it: the real API server with a daemon made of examples behind it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readPage } from "#api/page-files.ts";
import { type ApiServer, startApi } from "#api/server.ts";
import { filesInMemory } from "#api/state-files.ts";
import { parsePasswordHash } from "#config/password-hash-syntax.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { StateDocument, StoredEvent } from "#state/document.ts";
import type { SlaHistoryState } from "#state/document-sla.ts";
import { ExampleBackend, silentLog } from "#test/unit/api/example-backend.ts";
import { buildPage } from "../../tools/bundle-page.ts";
import { cheapHash } from "./cheap-hash.ts";
import { exampleDocument, exampleHistory } from "./example-branch.ts";
import { exampleEvents } from "./example-events.ts";

export const PASSWORD = "correct horse";

/** A daemon whose counters run and whose clients do what they are told. */
export class PageBackend extends ExampleBackend {
  readonly #past = exampleEvents(Date.now());
  readonly #more: StoredEvent[] = [];
  readonly #tellers = new Set<(event: StoredEvent) => void>();
  override state = (): StateDocument => exampleDocument();

  override get subscribers(): number {
    return this.#tellers.size;
  }

  override slaHistory(name: string): SlaHistoryState | undefined {
    return name in this.state().sla ? exampleHistory() : undefined;
  }

  override events(last: number): readonly StoredEvent[] {
    return [...this.#past, ...this.#more].slice(-last);
  }

  override subscribe(teller: (event: StoredEvent) => void, fromId?: number): () => void {
    if (fromId !== undefined)
      for (const event of this.events(1_000)) if (event.id > fromId) teller(event);
    this.#tellers.add(teller);
    return () => this.#tellers.delete(teller);
  }

  /** Something happens, as the example's events are worded. */
  override happen(id: number, message: string): void {
    const [first] = this.#past;
    if (!first) throw new Error("there is no example");
    const event = { ...first, id, message, time: new Date().toISOString(), data: {} };
    this.#more.push(event);
    for (const teller of this.#tellers) teller(event);
  }
}

export interface PageStage {
  readonly backend: PageBackend;
  readonly url: string;
  /** The daemon ends, and is there again at the same place; who was logged in stays so. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Builds the page and serves it. @param isOpen nobody can log in, and everybody on this machine may read. */
export async function openStage({ isOpen = false } = {}): Promise<PageStage> {
  const folder = mkdtempSync(path.join(tmpdir(), "flexspoke-stage-"));
  await buildPage(path.join(folder, "page"));
  const files = readPage(path.join(folder, "page"));
  const hash = parsePasswordHash(cheapHash(PASSWORD));
  if (!hash) throw new Error("the hash is none");
  const backend = new PageBackend();
  const stateFiles = filesInMemory();
  let port = 0;
  let api: ApiServer | undefined;
  const start = async (): Promise<void> => {
    api = await startApi({
      backend,
      controlSocket: path.join(folder, "control.sock"),
      listen: [{ address: "127.0.0.1" as IpAddress, port }],
      users: isOpen ? {} : { admin: hash },
      files: stateFiles,
      pageFile: (place) => files.get(place),
      log: silentLog,
    });
    port = api.endpoints[0]?.port ?? 0;
  };
  const stop = async (): Promise<void> => {
    await api?.close();
    api = undefined;
  };
  await start();
  return {
    backend,
    url: `http://127.0.0.1:${port}`,
    start,
    stop,
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
