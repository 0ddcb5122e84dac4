/** Certificates and keys of the TLS connections that the branch opens to those it reports to. */
import type { ConfigPath } from "./config-error.ts";
import type { Problems } from "./problems.ts";
import type { ResolvedTls } from "./resolved-tls.ts";
import type { SecretReference } from "./schema-scalars.ts";
import type { SecretSource } from "./secret-source.ts";
import { loadCertificates, loadOwn } from "./trustpoint.ts";

/** The keys that a section speaks of TLS with. */
export interface FileTls {
  readonly ca?: string | readonly string[] | undefined;
  readonly certificate?: string | undefined;
  readonly key?: SecretReference | undefined;
}

/** @returns undefined after telling `problems` what can't be used. */
export function resolveTls(
  file: FileTls,
  path: ConfigPath,
  source: SecretSource,
  problems: Problems,
): ResolvedTls | undefined {
  const reader = { source, problems, now: source.now };
  const own = loadOwn({ certificate: file.certificate, key: file.key }, path, reader);
  const files = typeof file.ca === "string" ? [file.ca] : file.ca;
  const authorities = files?.map((name, index) =>
    loadCertificates(name, [...path, "ca", ...(file.ca === name ? [] : [index])], reader),
  );
  if (own === "failed" || authorities?.includes(undefined)) return undefined;
  return {
    ...(authorities && {
      authorities: authorities.flatMap((all) => all?.map(({ der }) => der) ?? []),
    }),
    ...(own && { own: { chain: own.chain, key: own.key } }),
  };
}

/** Says of each key that speaks of TLS that the connection has none. */
export function refuseTls(file: FileTls, path: ConfigPath, hint: string, problems: Problems): void {
  for (const key of ["ca", "certificate", "key"] as const)
    if (file[key] !== undefined)
      problems.error([...path, key], `the connection is in clear (${hint})`, "key");
}
