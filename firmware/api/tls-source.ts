import type { ResolvedTls } from "#config/resolved-web.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import { certificatePem } from "./pem.ts";
import type { TlsSource } from "./port-listener.ts";
import { certifiedNames, selfSignedProof } from "./self-signed.ts";
import type { StateFiles } from "./state-files.ts";

/** What the TLS listeners show. @throws when the disk refuses to keep a certificate that was made. */
export function tlsSource(options: {
  readonly tls: ResolvedTls;
  readonly names: readonly string[];
  readonly listen: readonly IpAddress[];
  readonly files: StateFiles;
  readonly log: Log;
}): TlsSource {
  const { tls, files, log } = options;
  if (tls.kind === "given") {
    const cert = tls.chain.map(certificatePem).join("");
    const key = tls.key.export({ format: "pem", type: "pkcs8" }).toString();
    return { first: { cert, key }, renewal: () => undefined };
  }
  const wanted = certifiedNames(options.names, options.listen);
  const first = selfSignedProof(wanted, files, Date.now());
  let { renewAt } = first;
  return {
    first,
    renewal: () => {
      if (Date.now() < renewAt) return undefined;
      // Not at each connection when it fails.
      renewAt = Date.now() + RETRY;
      try {
        const proof = selfSignedProof(wanted, files, Date.now());
        ({ renewAt } = proof);
        return proof;
      } catch (error) {
        log.error(`can't renew the certificate of the page: ${String(error)}`);
        return undefined;
      }
    },
  };
}

const RETRY = 60_000;
