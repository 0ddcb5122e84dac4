import { expect, test } from "vitest";
import { builtinModules, builtinSymbols, cryptoNames } from "#linux/kernel/kernel-evidence.ts";
import {
  type KernelEvidence,
  type KernelUse,
  missingFault,
  missingParts,
  neededParts,
} from "#linux/kernel/requirements.ts";

const use = (part: Partial<KernelUse> = {}): KernelUse => ({
  encryption: [20],
  firewall: false,
  nat: false,
  ipv6: false,
  ...part,
});
const evidence = (part: Partial<KernelEvidence> = {}): KernelEvidence => ({
  release: "6.1.0-1-amd64",
  present: new Set(),
  crypto: new Set(),
  ...part,
});
const names = (parts: readonly { module: string }[]) => parts.map(({ module }) => module);

test("a configuration with AES-GCM needs gcm and no separate integrity", () => {
  const modules = names(neededParts(use({ encryption: [20] })));
  expect(modules).toContain("gcm");
  expect(modules).not.toContain("authenc");
});

test("a configuration with AES-CBC needs cbc, hmac and authenc", () => {
  expect(names(neededParts(use({ encryption: [12] })))).toEqual(
    expect.arrayContaining(["cbc", "hmac", "authenc"]),
  );
});

test("parts that nothing in the configuration uses are not asked for", () => {
  const modules = names(neededParts(use()));
  for (const module of ["esp6", "nf_tables", "nft_masq", "ccm", "chacha20poly1305"]) {
    expect(modules).not.toContain(module);
  }
});

test("a part counts as there when it is a module, built in, configured in, or a listed algorithm", () => {
  const needed = neededParts(use({ nat: true }));
  const missing = missingParts(
    needed,
    evidence({
      present: new Set(["xfrm_user", "nft_chain_nat"]),
      configured: new Set(["INET_ESP", "NF_TABLES"]),
      crypto: new Set(["gcm(aes)"]),
    }),
  );
  expect(names(missing).filter((name) => !name.startsWith("crypto-"))).toEqual([
    "xfrm_interface",
    "seqiv",
    "nft_masq",
    "nf_conntrack_netlink",
  ]);
});

test("what is missing is named once, with its package and its kernel option", () => {
  const missing = missingParts(
    neededParts(use()),
    evidence({ present: new Set(["xfrm_user", "xfrm_interface", "gcm", "seqiv"]) }),
  );
  expect(missingFault(missing, evidence())).toEqual({
    code: "kernel.module-missing",
    what: "the kernel 6.1.0-1-amd64 lacks esp4 (IPv4 packets can't be encrypted)",
    remedy: expect.stringMatching(/opkg install kmod-ipsec4;.*CONFIG_INET_ESP$/),
  });
});

test("a helper that is not there is no fault", () => {
  const helpers = neededParts(use()).filter(({ isHelper }) => isHelper);
  expect(helpers.length).toBeGreaterThan(0);
  expect(missingFault(helpers, evidence())).toBeUndefined();
});

test("modules.builtin is read by file name, with hyphens as the kernel has them", () => {
  const text = "kernel/net/xfrm/xfrm_user.ko\nkernel/crypto/ghash-generic.ko\n";
  expect(builtinModules(text)).toEqual(["xfrm_user", "ghash_generic"]);
});

test("/proc/crypto is read by algorithm name", () => {
  const text = "name         : cbc(aes)\ndriver       : cbc-aes-aesni\n\nname         : sha256\n";
  expect(cryptoNames(text)).toEqual(["cbc(aes)", "sha256"]);
});

test("only what a kernel configuration builds in counts, not what it has as a module", () => {
  const text = "CONFIG_XFRM_USER=y\nCONFIG_INET_ESP=m\n# CONFIG_XFRM_INTERFACE is not set\n";
  expect(builtinSymbols(text)).toEqual(new Set(["XFRM_USER"]));
});
