/** Trustpoints: the authorities' certificates are in the configuration, the router's own key never is. */
import { readCertificate } from "#pki/certificate.ts";
import { freeName } from "./draft.ts";
import { type Section, valueIn } from "./read-sections.ts";
import { carriedValue, lineOf, linesOf, namedSection, type Work } from "./work.ts";

/**
 * Puts a trustpoint into the draft.
 * @param hasOwn the branch proves itself with it, so it needs certificate and key.
 * @returns its name in the file.
 */
export function translateTrustpoint(work: Work, router: string, hasOwn: boolean): string {
  const name = work.trustpointNames.get(router) ?? freeName(router, work.draft.trustpoints.keys());
  work.trustpointNames.set(router, name);
  const before = work.draft.trustpoints.get(name);
  const section = namedSection(work, "trustpoint", router);
  const chain = namedSection(work, "certificates", router);
  work.ledger.carried(section, chain);
  const needsOwn = hasOwn || before?.value["key"] !== undefined;
  const value = {
    ca: [authorities(work, name, chain)],
    ...(needsOwn && { certificate: `pki/${name}.pem`, key: { file: `pki/${name}.key` } }),
  };
  if (needsOwn) askForOwn(work, name, section);
  const from = [section, chain].filter((each) => each !== undefined);
  work.draft.trustpoints.set(name, { value, from, notes: [] });
  return name;
}

/** The file of the authorities: made of the configuration where they are printed in it. */
function authorities(work: Work, name: string, chain: Section | undefined): string {
  const path = `pki/${name}-ca.pem`;
  const pem = linesOf(chain, "authority").flatMap((line) => {
    const block = pemOf(line.line.body);
    if (block === undefined) {
      work.ledger.left(line, `its certificate is not printed here: put it into ${path}`);
      return [];
    }
    work.ledger.carried(line);
    return [block];
  });
  if (pem.length > 0) work.certificates.set(path, pem.join(""));
  else
    work.secrets.ask(
      path,
      `the certificate of the authority of trustpoint ${name}, PEM`,
      chain?.line.number,
    );
  return path;
}

function askForOwn(work: Work, name: string, section: Section | undefined): void {
  const subject = carriedValue(work, lineOf(section, "subject"), "name");
  const named = subject === undefined ? "" : `, subject ${subject}`;
  const line = section?.line.number;
  work.secrets.ask(
    `pki/${name}.key`,
    "the branch's private key, PEM: the router's can't be read, make a new one or export it",
    line,
  );
  work.secrets.ask(`pki/${name}.pem`, `the branch's certificate for that key, PEM${named}`, line);
}

/** PEM of what a running-config prints in hexadecimal digits; undefined when it is no certificate. */
function pemOf(body: readonly string[]): string | undefined {
  const digits = body
    .filter((line) => !/^quit$/i.test(line))
    .join("")
    .replace(/\s/g, "");
  if (!/^30([0-9a-f]{2})+$/i.test(digits)) return undefined;
  const der = Uint8Array.from(digits.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
  // A terminal may have lost a line of it.
  if (!readCertificate(der)) return undefined;
  const base64 = Buffer.from(der).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** The trustpoints of a profile by use; the only one of the configuration where the profile names none. */
export function trustpointsOf(
  work: Work,
  profile: Section,
): { readonly sign: string | undefined; readonly verify: string | undefined } {
  let sign: string | undefined;
  let verify: string | undefined;
  for (const line of linesOf(profile, "trustpoint")) {
    const use = valueIn(line, "use");
    const isFirst =
      (use !== "verify" && sign === undefined) || (use !== "sign" && verify === undefined);
    if (isFirst) work.ledger.carried(line);
    else work.ledger.left(line, "there is one trustpoint an end: another one comes before it");
    if (use !== "verify") sign ??= valueIn(line, "name");
    if (use !== "sign") verify ??= valueIn(line, "name");
  }
  const all = new Set(
    work.roots
      .filter(({ match }) => match?.row.id === "trustpoint")
      .map((each) => valueIn(each, "name")),
  );
  const usable = [...all].filter((name) => !/^TP-self-signed/i.test(name));
  const only = usable.length === 1 ? usable[0] : undefined;
  return { sign: sign ?? only, verify: verify ?? sign ?? only };
}
