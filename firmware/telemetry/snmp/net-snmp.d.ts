/** What we use of the package: BER, the User-based Security Model, and traps. Source: net-snmp 3.29, index.js */
declare module "net-snmp" {
  import type { EventEmitter } from "node:events";

  export interface Varbind {
    oid: string;
    type: number;
    value: unknown;
  }

  export interface Pdu {
    type: number;
    id: number;
    contextName?: string;
    nonRepeaters: number;
    maxRepetitions: number;
    varbinds: Varbind[];
    getResponsePduForRequest(): ResponsePdu;
  }

  export interface ResponsePdu {
    varbinds: Varbind[];
    errorStatus: number;
    errorIndex: number;
  }

  export interface Message {
    version: number;
    pdu: Pdu;
    user?: User;
    buffer?: Buffer | null;
    msgGlobalData: { msgMaxSize: number };
    msgSecurityParameters: {
      msgAuthoritativeEngineID: Buffer;
      msgAuthoritativeEngineBoots: number;
      msgAuthoritativeEngineTime: number;
      msgUserName: string;
    };
    hasAuthentication(): boolean;
    setAuthentication(flag: boolean): void;
    createReportResponseMessage(engine: Engine, context: string, errorType: string): Message;
    createResponseForRequest(pdu: ResponsePdu): Message;
    toBuffer(): Buffer;
  }

  export interface Engine {
    engineID: Buffer;
    engineBoots: number;
    engineTime: number;
  }

  export interface User {
    name: string;
    level: number;
    authProtocol?: string | undefined;
    authKey?: string | undefined;
    privProtocol?: string | undefined;
    privKey?: string | undefined;
  }

  type Handler = (socket: unknown, message: Message, rinfo: unknown) => void;

  export interface Agent {
    engine: Engine;
    listener: { send(message: Message, rinfo: unknown, socket: unknown): void };
    getRequest: Handler;
    getNextRequest: Handler;
    getBulkRequest: Handler;
    setRequest: Handler;
    getAuthorizer(): { addCommunity(community: string): void; addUser(user: User): void };
    close(done?: () => void): void;
  }

  export interface Session extends EventEmitter {
    trap(
      oid: string,
      varbinds: readonly Varbind[],
      options: { upTime: number },
      done: (error: Error | null) => void,
    ): void;
    close(): void;
  }

  interface SessionOptions {
    trapPort: number;
    version: number;
    transport: string;
    engineID?: string;
  }

  const snmp: {
    createAgent(
      options: {
        port: number;
        address: string;
        transport: string;
        engineID: string;
        disableAuthorization: boolean;
        dgramModule: unknown;
      },
      callback: (error: Error | null) => void,
    ): Agent;
    createSession(target: string, community: string, options: SessionOptions): Session;
    createV3Session(target: string, user: User, options: SessionOptions): Session;
    ObjectType: Readonly<Record<string, number>>;
    AuthProtocols: Readonly<Record<string, string>>;
    PrivProtocols: Readonly<Record<string, string>>;
    SecurityLevel: { readonly authNoPriv: number; readonly authPriv: number };
    Version2c: number;
    Version3: number;
  };
  // biome-ignore lint/style/noDefaultExport: what the package exports.
  export default snmp;
}
