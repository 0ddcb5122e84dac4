/** Certificates for the lab, made anew in every run by the openssl program. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type KeyKind = "rsa-2048" | "rsa-4096" | "p256" | "p384" | "ed25519";

/** A certificate with its key, both PEM; the key as PKCS #8. */
export interface Credential {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateWish {
  /** Common name, and the subject's DNS name unless `names` says otherwise. */
  readonly name: string;
  readonly kind: KeyKind;
  /** DNS names; many of them make a certificate that needs IKE fragmentation. */
  readonly names?: readonly string[];
  /** It was valid until yesterday. */
  readonly expired?: boolean;
}

const keyOptions: Readonly<Record<KeyKind, readonly string[]>> = {
  "rsa-2048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  "rsa-4096": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
  p256: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  p384: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
  ed25519: ["-algorithm", "ED25519"],
};

const authorityExtensions = [
  "basicConstraints = critical, CA:TRUE",
  "keyUsage = critical, keyCertSign, cRLSign",
];

export class CertificateAuthority implements Credential {
  readonly certificate: string;
  readonly key: string;

  private constructor({ certificate, key }: Credential) {
    this.certificate = certificate;
    this.key = key;
  }

  static root(name: string, kind: KeyKind): CertificateAuthority {
    return new CertificateAuthority(make({ name, kind }, authorityExtensions, undefined));
  }

  /** An authority below this one. */
  intermediate(name: string, kind: KeyKind): CertificateAuthority {
    return new CertificateAuthority(make({ name, kind }, authorityExtensions, this));
  }

  issue(wish: CertificateWish): Credential {
    const names = (wish.names ?? [wish.name]).map((name) => `DNS:${name}`);
    const extensions = [
      "basicConstraints = critical, CA:FALSE",
      "keyUsage = critical, digitalSignature",
      `subjectAltName = ${names.join(", ")}`,
    ];
    return make(wish, extensions, this);
  }
}

function make(
  wish: CertificateWish,
  extensions: readonly string[],
  issuer: Credential | undefined,
): Credential {
  const folder = mkdtempSync(join(tmpdir(), "flexspoke-pki-"));
  const file = (name: string) => join(folder, name);
  try {
    openssl("genpkey", ...keyOptions[wish.kind], "-out", file("key.pem"));
    const subject = `/O=FlexSpoke Lab/CN=${wish.name}`;
    openssl("req", "-new", "-key", file("key.pem"), "-subj", subject, "-out", file("request.pem"));
    writeFileSync(file("issuer.pem"), issuer?.certificate ?? "");
    writeFileSync(file("issuer-key.pem"), issuer?.key ?? readFileSync(file("key.pem")));
    writeFileSync(file("index"), "");
    writeFileSync(file("ca.cnf"), authorityConfig(folder, extensions, issuer !== undefined));
    openssl(
      ...["ca", "-batch", "-notext", "-config", file("ca.cnf")],
      ...["-in", file("request.pem"), "-out", file("certificate.pem")],
      ...(issuer ? [] : ["-selfsign"]),
      ...validity(wish.expired ?? false),
    );
    return {
      certificate: readFileSync(file("certificate.pem"), "utf8"),
      key: readFileSync(file("key.pem"), "utf8"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openssl(...words: string[]): void {
  execFileSync("openssl", words, { stdio: "pipe" });
}

function authorityConfig(folder: string, extensions: readonly string[], issued: boolean): string {
  return `
[ca]
default_ca = lab
[lab]
database = ${folder}/index
new_certs_dir = ${folder}
certificate = ${folder}/issuer.pem
private_key = ${folder}/issuer-key.pem
default_md = default
rand_serial = yes
policy = any
x509_extensions = extensions
unique_subject = no
[any]
organizationName = optional
commonName = supplied
[extensions]
${extensions.join("\n")}
subjectKeyIdentifier = hash
${issued ? "authorityKeyIdentifier = keyid" : ""}
`;
}

/** From two days before until in a year, or until yesterday. */
function validity(expired: boolean): string[] {
  const at = (days: number) =>
    new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, "");
  return ["-startdate", at(-2), "-enddate", at(expired ? -1 : 365)];
}
