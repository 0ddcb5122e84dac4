/**
 * The SNMP agent, v2c and v3, which only reads. The package does BER and the User-based Security Model; what is answered,
 * and whom, is decided here.
 */
import dgram from "node:dgram";
import { once } from "node:events";
import snmp, { type Agent, type Message } from "net-snmp";
import type { ResolvedSnmp } from "#config/resolved-snmp.ts";
import { formatEndpoint, ipFamily } from "#lib/ip.ts";
import type { Reporter, ReporterContext } from "../reporter.ts";
import { answer, type Question } from "./answers.ts";
import { openGate } from "./datagram-gate.ts";
import { interfaceObjects, readInterfaces } from "./interfaces-mib.ts";
import { flowObjects } from "./ipsec-flow-mib.ts";
import { ManagedObjects } from "./objects.ts";
import { LATCHED, type SnmpEngine, startEngine } from "./snmp-engine.ts";
import { systemObjects } from "./system-mib.ts";
import { Traps } from "./traps.ts";
import { usmUser } from "./usm-user.ts";

/** Objects are as old as this at most: a walk of a thousand requests looks at the machine a few times. */
const SNAPSHOT_LIFE = 1_000;
/** RFC 3414 §2.2.3, seconds. */
const TIME_WINDOW = 150;
const NOT_IN_TIME_WINDOW = "2";

/** Listens until it is closed. @throws {NodeJS.ErrnoException} when the port can't be had. */
export async function startSnmp(
  section: ResolvedSnmp,
  { backend, log, stateDir }: ReporterContext,
): Promise<Reporter> {
  const clock = () => performance.now();
  const engine = startEngine(stateDir, () => clock() / 1000);
  const engineId = Buffer.from(engine.id).toString("hex");
  const traps = new Traps(section, engineId, log);
  traps.begin(backend.document());
  const objects = snapshots(() => {
    const document = backend.document();
    return new ManagedObjects([
      ...systemObjects(document, section, engine),
      ...interfaceObjects(readInterfaces()),
      ...flowObjects(document, traps.ended),
    ]);
  }, clock);
  const gate = openGate(engine.id);
  const socket = dgram.createSocket(ipFamily(section.listen.address) === 4 ? "udp4" : "udp6");
  socket.bind(section.listen.port, section.listen.address);
  await once(socket, "listening");
  socket.on("error", (error) => log.warn(`snmp: ${error.message}`));
  const agent = createAgent(
    section,
    engineId,
    guarded(socket, (datagram) => gate.admits(datagram, clock())),
  );
  serve(agent, engine, objects);
  const unsubscribe = backend.subscribe(tunnelsChanged(() => traps.compare(backend.document())));
  log.info(`snmp: listens on ${formatEndpoint(section.listen)}`);
  return {
    close: async () => {
      unsubscribe();
      traps.close();
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

/** Events come one at a time, while the state behind them is being made: it is looked at when that is done. */
function tunnelsChanged(compare: () => void): (event: { readonly mnemonic: string }) => void {
  let isDue = false;
  return ({ mnemonic }) => {
    if (isDue || !/^(IKEV2-5-SA_|FLEXVPN-6-|FLEXSPOKE-6-(STANDBY|IKE_REKEYED))/.test(mnemonic))
      return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      compare();
    });
  };
}

/** The objects of this moment, made anew when they are too old. */
function snapshots(make: () => ManagedObjects, clock: () => number): () => ManagedObjects {
  let made: ManagedObjects | undefined;
  let at = 0;
  return () => {
    if (made && clock() - at < SNAPSHOT_LIFE) return made;
    made = make();
    at = clock();
    return made;
  };
}

/** What the package takes for `node:dgram`: one socket, bound already, that shows it what `admits` lets through. */
function guarded(socket: dgram.Socket, admits: (datagram: Buffer) => boolean): unknown {
  return {
    createSocket: () => ({
      on: (name: string, listener: (...values: unknown[]) => void) => {
        if (name === "message")
          socket.on("message", (datagram, from) => {
            if (admits(datagram)) listener(datagram, from);
          });
      },
      bind: () => {},
      send: (buffer: Buffer, offset: number, length: number, port: number, address: string) =>
        // Whoever can't be reached has asked in vain.
        socket.send(buffer, offset, length, port, address, () => {}),
    }),
  };
}

function createAgent(section: ResolvedSnmp, engineId: string, dgramModule: unknown): Agent {
  const { listen, community, users } = section;
  const transport = ipFamily(listen.address) === 4 ? "udp4" : "udp6";
  const agent = snmp.createAgent(
    {
      port: listen.port,
      address: listen.address,
      transport,
      engineID: engineId,
      disableAuthorization: false,
      dgramModule,
    },
    // Told of every message that is not to be answered, and of what was sent: strangers fill no log.
    () => {},
  );
  const authorizer = agent.getAuthorizer();
  if (community) authorizer.addCommunity(new TextDecoder().decode(community.reveal()));
  for (const user of users) authorizer.addUser(usmUser(user));
  return agent;
}

/** Puts our answers in the place of the package's. */
function serve(agent: Agent, engine: SnmpEngine, objects: () => ManagedObjects): void {
  agent.engine.engineBoots = engine.boots;
  Object.defineProperty(agent.engine, "engineTime", { get: engine.time });
  const reply =
    (kind: Question["kind"]): Agent["getRequest"] =>
    (socket, message, from) => {
      const response = responseTo(message, kind, agent, engine, objects);
      if (response) agent.listener.send(response, from, socket);
    };
  agent.getRequest = quietly(reply("get"));
  agent.getNextRequest = quietly(reply("next"));
  agent.getBulkRequest = quietly(reply("bulk"));
  agent.setRequest = quietly(reply("set"));
}

/** A message that can be read and not be answered, such as one with an identifier that no BER has, is dropped. */
function quietly(handler: Agent["getRequest"]): Agent["getRequest"] {
  return (socket, message, from) => {
    try {
      handler(socket, message, from);
    } catch {
      // Made by a stranger: there is nobody to tell.
    }
  };
}

function responseTo(
  message: Message,
  kind: Question["kind"],
  agent: Agent,
  engine: SnmpEngine,
  objects: () => ManagedObjects,
): Message | undefined {
  if (message.version === snmp.Version3) {
    // The package lets the empty user in, who proves nothing.
    if (!message.hasAuthentication()) return undefined;
    if (!isTimely(message, engine)) return lateReport(message, agent);
  }
  const { varbinds, nonRepeaters, maxRepetitions } = message.pdu;
  const pdu = message.pdu.getResponsePduForRequest();
  const found = answer({ kind, varbinds, nonRepeaters, maxRepetitions }, objects());
  pdu.varbinds = [...found.varbinds];
  pdu.errorStatus = found.errorStatus;
  pdu.errorIndex = found.errorIndex;
  return message.createResponseForRequest(pdu);
}

/** RFC 3414 §3.2, step 7a. */
function isTimely({ msgSecurityParameters: said }: Message, engine: SnmpEngine): boolean {
  return (
    engine.boots < LATCHED &&
    said.msgAuthoritativeEngineBoots === engine.boots &&
    Math.abs(said.msgAuthoritativeEngineTime - engine.time()) <= TIME_WINDOW
  );
}

/** Authenticated, so that the manager takes the time that it tells. RFC 3414 §3.2, step 7a */
function lateReport(message: Message, agent: Agent): Message {
  const report = message.createReportResponseMessage(agent.engine, "", NOT_IN_TIME_WINDOW);
  if (message.user) {
    report.user = message.user;
    report.msgSecurityParameters.msgUserName = message.user.name;
    report.setAuthentication(true);
  }
  return report;
}
