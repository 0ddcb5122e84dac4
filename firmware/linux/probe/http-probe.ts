/**
 * One HTTP or HTTPS request over a connection of its own: good when a response with a status below 400 begins. The body is
 * not read and redirects are not followed. Sources: RFC 9110 §15, RFC 9112
 */
import { request } from "node:http";
import { isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { SlaOperation } from "#config/resolved-sla.ts";
import type { ProbeFailure } from "./probe-fault.ts";

type HttpOperation = Extract<SlaOperation, { kind: "http" }>;

export type HttpVerdict =
  | { readonly kind: "answered" }
  | ({ readonly kind: "failed" } & ProbeFailure)
  /** The network said something; an errno name. */
  | { readonly kind: "fault"; readonly errno: string };

/** Asks over `tcp`, which is on its way to the server and belongs to the caller. `done` is called once. */
export function probeHttp(
  { url: text, authorities }: HttpOperation,
  tcp: Socket,
  done: (verdict: HttpVerdict) => void,
): void {
  const url = new URL(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const end = once(done);
  const secure = () =>
    connectTls({
      socket: tcp,
      host,
      ...(isIP(host) === 0 && { servername: host }),
      ...(authorities && { ca: authorities.map(toPem) }),
      ALPNProtocols: ["http/1.1"],
    });
  const stream = url.protocol === "https:" ? secure() : tcp;
  const outgoing = request({
    createConnection: () => stream,
    host,
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host, "user-agent": "flexspoke", accept: "*/*", connection: "close" },
  });
  outgoing.on("error", (error) => end(verdictOf(error)));
  tcp.on("error", (error) => end(verdictOf(error)));
  outgoing.on("response", (response) => {
    response.destroy();
    const { statusCode = 0, statusMessage = "" } = response;
    const status = `HTTP status ${statusCode}${statusMessage && ` ${statusMessage}`}`;
    end(
      statusCode < 400
        ? { kind: "answered" }
        : { kind: "failed", code: "http-error", reason: `${text} answers with ${status}` },
    );
  });
  outgoing.end();

  function verdictOf(error: NodeJS.ErrnoException): HttpVerdict {
    const { code = "" } = error;
    const certificate = certificateText[code];
    if (certificate !== undefined || CERTIFICATE.test(code)) {
      const why = certificate ?? code;
      return {
        kind: "failed",
        code: "certificate-error",
        reason: `the certificate of ${url.host} is not trusted: ${why}`,
      };
    }
    if (code.startsWith("HPE_"))
      return { kind: "failed", code: "http-error", reason: `${url.host} does not speak HTTP` };
    if (code.startsWith("ERR_SSL_") || code === "EPROTO")
      return {
        kind: "failed",
        code: "no-connection",
        reason: `TLS with ${url.host} failed (${code})`,
      };
    return { kind: "fault", errno: code === "" ? "EIO" : code };
  }
}

function once<Value>(act: (value: Value) => void): (value: Value) => void {
  let isDone = false;
  return (value) => {
    if (!isDone) act(value);
    isDone = true;
  };
}

function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** What OpenSSL says of a chain in other words than those below. */
const CERTIFICATE =
  /^(CERT_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERROR_IN_CERT)/;

const certificateText: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet (is the clock right?)",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not one that is trusted",
  UNABLE_TO_GET_ISSUER_CERT: "its authority is not one that is trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is not one that is trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its authority is not one that is trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another name",
};
