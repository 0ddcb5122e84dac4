/** Certificates for hub1 and the branch of one kind, as files for strongSwan and for the product. */
import { type BranchConfig, certificateBranch } from "./branch.ts";
import type { Settings } from "./merge.ts";
import { CertificateAuthority, type Credential, type KeyKind } from "./pki.ts";

export interface CredentialsWish {
  readonly kind: KeyKind;
  /** The branch's certificate has ended. */
  readonly expired?: boolean;
  /** The branch's certificate comes from an authority that the hub does not know. */
  readonly untrusted?: boolean;
  /** Names in both leaves, below an intermediate authority: larger than any datagram that passes unfragmented. */
  readonly large?: boolean;
}

export class Credentials {
  /** The hub's own. */
  readonly hub: Credential;
  /** PEM. */
  readonly root: string;
  /** For `StrongswanConfig.files`. */
  readonly hubFiles: Readonly<Record<string, string>>;
  readonly #branch: { readonly chain: string; readonly key: string; readonly anchor: string };

  constructor({ kind, expired = false, untrusted = false, large = false }: CredentialsWish) {
    const root = CertificateAuthority.root("Lab Root", kind);
    const issuer = large ? root.intermediate("Lab Intermediate", kind) : root;
    const names = (own: string) =>
      large ? [own, ...Array.from({ length: 80 }, (_, index) => `${index}.${own}`)] : [own];
    const hub = issuer.issue({ name: "hub1.lab", kind, names: names("hub1.lab") });
    const other = untrusted ? CertificateAuthority.root("Other Root", kind) : issuer;
    const branch = other.issue({
      ...{ name: "branch12.lab", kind, expired, names: names("branch12.lab") },
    });
    const chain = large ? [branch.certificate, issuer.certificate] : [branch.certificate];
    this.hub = hub;
    this.root = root.certificate;
    this.hubFiles = {
      "x509/hub1.pem": hub.certificate,
      "private/hub1.pem": hub.key,
      "x509ca/root.pem": root.certificate,
      ...(large ? { "x509ca/intermediate.pem": issuer.certificate } : {}),
    };
    this.#branch = { chain: chain.join(""), key: branch.key, anchor: root.certificate };
  }

  branch(over: Settings = {}): BranchConfig {
    return certificateBranch(this.#branch, over);
  }
}
