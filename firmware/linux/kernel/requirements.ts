/**
 * Which parts of the kernel the product needs, and what it means that one is not there: decided from evidence that
 * `kernel-evidence.ts` reads. It touches nothing.
 */
import type { DataPlaneFault } from "#dataplane/port.ts";

/** What the configuration makes use of. */
export interface KernelUse {
  /** IANA ids of the ESP encryption algorithms that may be negotiated. */
  readonly encryption: readonly number[];
  /** True when an inside network is translated, clamped or guarded. */
  readonly firewall: boolean;
  readonly nat: boolean;
  /** Peers or inner networks of IPv6. */
  readonly ipv6: boolean;
}

/** A part of the kernel: a module, or the same code built in. */
export interface KernelPart {
  /** Name for modprobe. */
  readonly module: string;
  /** Kernel configuration symbol, without `CONFIG_`. */
  readonly symbol: string;
  /** What doesn't work without it. */
  readonly purpose: string;
  /** OpenWrt package that carries it. Debian's stock kernels have all of them, the cloud flavour too. */
  readonly openwrt: string;
  /** Names of which one in /proc/crypto shows that it is there. */
  readonly crypto?: readonly string[];
  /** Comes with another part when it is needed, but so late that the first SA waits for it: loaded, never missed. */
  readonly isHelper?: true;
}

/** What is known of this kernel. */
export interface KernelEvidence {
  readonly release: string;
  /** Loaded modules, and built-in ones that show up under /sys/module; `-` in a name counts as `_`. */
  readonly present: ReadonlySet<string>;
  /** Algorithms that /proc/crypto lists. */
  readonly crypto: ReadonlySet<string>;
  /** Symbols built in, as /proc/config.gz says; undefined when the kernel doesn't tell. */
  readonly configured?: ReadonlySet<string>;
}

/** The parts that `use` needs, in the order to load them. */
export function neededParts(use: KernelUse): readonly KernelPart[] {
  return [
    ...BASE,
    ...(use.ipv6 ? IPV6 : []),
    ...(use.encryption.some((id) => !COMBINED_MODE.has(id)) ? NOT_COMBINED : []),
    ...CIPHERS.filter(({ ids }) => use.encryption.some((id) => ids.includes(id))).map(
      ({ part }) => part,
    ),
    ...HELPERS,
    ...(use.firewall || use.nat ? FIREWALL : []),
    ...(use.nat ? NAT : []),
  ];
}

/** The parts for which nothing shows that they are there. */
export function missingParts(
  parts: readonly KernelPart[],
  evidence: KernelEvidence,
): readonly KernelPart[] {
  return parts.filter(
    ({ module, symbol, crypto }) =>
      !evidence.present.has(moduleKey(module)) &&
      !evidence.configured?.has(symbol) &&
      !crypto?.some((name) => evidence.crypto.has(name)),
  );
}

/** What to tell the operator about parts that could not be loaded. One fault names them all, helpers aside. */
export function missingFault(
  missing: readonly KernelPart[],
  { release }: KernelEvidence,
): DataPlaneFault | undefined {
  const parts = missing.filter(({ isHelper }) => !isHelper);
  if (parts.length === 0) return undefined;
  const names = parts.map(({ module }) => module).join(", ");
  const purposes = [...new Set(parts.map(({ purpose }) => purpose))].join("; ");
  const packages = [...new Set(parts.map(({ openwrt }) => openwrt))].join(" ");
  const symbols = parts.map(({ symbol }) => `CONFIG_${symbol}`).join(", ");
  return {
    code: "kernel.module-missing",
    what: `the kernel ${release} lacks ${names} (${purposes})`,
    remedy:
      `Debian: install linux-image-$(dpkg --print-architecture) and boot it; OpenWrt: opkg install ${packages}; ` +
      `own kernel: ${symbols}`,
  };
}

/** The form in which modules are compared: the kernel treats `-` and `_` alike. */
export function moduleKey(module: string): string {
  return module.replaceAll("-", "_");
}

const BASE: readonly KernelPart[] = [
  {
    module: "xfrm_user",
    symbol: "XFRM_USER",
    purpose: "IPsec can't be set up",
    openwrt: "kmod-ipsec",
  },
  {
    module: "xfrm_interface",
    symbol: "XFRM_INTERFACE",
    purpose: "there are no tunnel interfaces",
    openwrt: "kmod-xfrm-interface",
  },
  {
    module: "esp4",
    symbol: "INET_ESP",
    purpose: "IPv4 packets can't be encrypted",
    openwrt: "kmod-ipsec4",
  },
];

const IPV6: readonly KernelPart[] = [
  {
    module: "esp6",
    symbol: "INET6_ESP",
    purpose: "IPv6 packets can't be encrypted",
    openwrt: "kmod-ipsec6",
  },
];

/** Ciphers that bring their own integrity: CCM 14 to 16, GCM 18 to 20, ChaCha20-Poly1305 28. IANA, IKEv2 transform type 1 */
const COMBINED_MODE: ReadonlySet<number> = new Set([14, 15, 16, 18, 19, 20, 28]);

const NOT_COMBINED: readonly KernelPart[] = [
  cipherPart("authenc", "CRYPTO_AUTHENC", "kmod-crypto-authenc", []),
  cipherPart("hmac", "CRYPTO_HMAC", "kmod-crypto-hmac", ["hmac(sha256)", "hmac(sha1)"]),
  cipherPart("echainiv", "CRYPTO_ECHAINIV", "kmod-crypto-echainiv", []),
];

const CIPHERS: readonly { readonly ids: readonly number[]; readonly part: KernelPart }[] = [
  { ids: [12], part: cipherPart("cbc", "CRYPTO_CBC", "kmod-crypto-cbc", ["cbc(aes)"]) },
  { ids: [14, 15, 16], part: cipherPart("ccm", "CRYPTO_CCM", "kmod-crypto-ccm", ["ccm(aes)"]) },
  { ids: [18, 19, 20], part: cipherPart("gcm", "CRYPTO_GCM", "kmod-crypto-gcm", ["gcm(aes)"]) },
  {
    ids: [28],
    part: cipherPart(
      "chacha20poly1305",
      "CRYPTO_CHACHA20POLY1305",
      "kmod-crypto-chacha20poly1305",
      ["rfc7539(chacha20,poly1305)", "rfc7539esp(chacha20,poly1305)"],
    ),
  },
  {
    ids: [14, 15, 16, 18, 19, 20, 28],
    part: cipherPart("seqiv", "CRYPTO_SEQIV", "kmod-crypto-seqiv", []),
  },
];

/** Aliases: modprobe takes the fastest implementation that the processor has. */
const HELPERS: readonly KernelPart[] = (["aes", "ghash", "ctr(aes)", "sha256"] as const).map(
  (name) => ({
    ...cipherPart(`crypto-${name.replace("(aes)", "")}`, "", "", [name]),
    isHelper: true,
  }),
);

const FIREWALL: readonly KernelPart[] = [
  {
    module: "nf_tables",
    symbol: "NF_TABLES",
    purpose: "there is no kill switch",
    openwrt: "kmod-nft-core",
  },
];

const NAT: readonly KernelPart[] = [
  {
    module: "nft_chain_nat",
    symbol: "NF_NAT",
    purpose: "inside networks can't be translated",
    openwrt: "kmod-nft-nat",
  },
  {
    module: "nft_masq",
    symbol: "NFT_MASQ",
    purpose: "inside networks can't be translated",
    openwrt: "kmod-nft-nat",
  },
  {
    module: "nf_conntrack_netlink",
    symbol: "NF_CT_NETLINK",
    purpose: "flows keep a former address",
    openwrt: "kmod-nf-conntrack-netlink",
    isHelper: true,
  },
];

function cipherPart(
  module: string,
  symbol: string,
  openwrt: string,
  crypto: readonly string[],
): KernelPart {
  return { module, symbol, purpose: "a configured cipher can't be used", openwrt, crypto };
}
