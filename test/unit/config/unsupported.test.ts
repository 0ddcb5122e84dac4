import { expect, test } from "vitest";
import { check, shortConfig, withLines } from "./branch-files.ts";

const withTrustpoint = (line: string): string =>
  `${shortConfig}pki:\n  trustpoints:\n    corp:\n      ca: [ a ]\n      ${line}\n`;

test.each([
  [withTrustpoint("revocation: [ crl ]"), "pki.trustpoints.corp.revocation"],
  [
    withTrustpoint("enrollment: { url: https://ca.example.net }"),
    "pki.trustpoints.corp.enrollment",
  ],
  [withLines("profile", "mobike: true"), "ikev2.profiles.hq.mobike"],
  [withLines("profile", "redirect: { follow: true }"), "ikev2.profiles.hq.redirect"],
  [withLines("profile", "ppk: { secret: hunter2 }"), "ikev2.profiles.hq.ppk"],
  [
    withLines("profile", "config-exchange: { set-accept: true }"),
    "ikev2.profiles.hq.config-exchange.set-accept",
  ],
  [
    withLines("profile", "config-exchange: { set-send: true }"),
    "ikev2.profiles.hq.config-exchange.set-send",
  ],
  [
    shortConfig.replace("local:  {", "local:  { eap: { password: hunter2 },"),
    "ikev2.profiles.hq.local.eap",
  ],
  [
    shortConfig.replace("authentication: psk", "authentication: eap"),
    "ikev2.profiles.hq.local.authentication",
  ],
  [
    shortConfig.replace(
      "ikev2:",
      "ikev2:\n  proposals: { default: { additional-key-exchange: [[ml-kem-768]] } }",
    ),
    "ikev2.proposals.default.additional-key-exchange",
  ],
  [withLines("end", "tunnels: { t: { mode: gre } }"), "tunnels.t.mode"],
  [withLines("end", "tunnels: { t: { address: { unnumbered: wan0 } } }"), "tunnels.t.address"],
  [withLines("end", "tunnels: { t: { address: 'unnumbered: wan0' } }"), "tunnels.t.address"],
  [withLines("end", "tunnels: { t: { vrf: red } }"), "tunnels.t.vrf"],
  [withLines("end", "tunnels: { t: { underlay-vrf: red } }"), "tunnels.t.underlay-vrf"],
  [
    withLines("client", "source: [ { interface: wan0, budget: {} } ]"),
    "clients.hq.source[0].budget",
  ],
  [withLines("client", "routes: { advertise: [ interface ] }"), "clients.hq.routes.advertise"],
  [withLines("client", "dns: split"), "clients.hq.dns"],
])("what this version does not act on is refused by name: %#", (text, path) => {
  const { errors } = check(text);
  const refusal = `${path}: not supported by this version (remove it)`;
  expect(errors.filter((line) => line.endsWith(`: ${refusal}`))).toHaveLength(1);
  expect(errors.join()).not.toContain("hunter2");
});

test.each([
  withLines("profile", "mobike: false\nredirect: off\nppk: false"),
  withLines("client", "peer-reactivate: false\nstandby: off\ndns: off\ndownloaded-backups: ignore"),
  withLines("end", "tunnels: { t: { vrf: null, underlay-vrf: null } }"),
  shortConfig.replace(
    "ikev2:",
    "ikev2:\n  proposals: { default: { additional-key-exchange: [] } }",
  ),
])("what asks for nothing but what this version does anyway is taken: %#", (text) => {
  expect(check(text).errors).toEqual([]);
});
