/** What an OpenWrt user writes, and the configuration that it becomes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { renderUci } from "#config/uci/render-uci.ts";

/** The rendered file as data. */
function rendered(text: string): unknown {
  const { yaml, faults } = renderUci(text, "/etc/config/flexspoke");
  expect(faults).toEqual([]);
  return parse(yaml);
}

const faultsOf = (text: string) =>
  renderUci(text, "/etc/config/flexspoke").faults.map(({ line, message }) => `${line}: ${message}`);

const branch = `
config flexspoke 'main'
	option enabled '1'
	option hostname 'branch12'
	option log_level 'debug'

config ike_profile 'hq'
	option local_identity 'fqdn:branch12.example.net'
	option local_authentication 'psk'
	option local_psk_file 'secrets/hq.psk'
	option remote_identity 'dn:CN=hub, O=Example'
	option remote_authentication 'psk'
	option remote_psk_file 'secrets/hq.psk'
	option dpd_interval '20s'
	option nat_keepalive '15s'
	option retransmit_limit '7'
	option retransmit_factor '1.5'
	option fragmentation_mtu '1400'

config client 'hq'
	option profile 'hq'
	list inside 'br-lan'
	list inside 'br-guest'
	option peer_reactivate '0'
	option kill_switch 'on'
	option rehearsal_every '12h'

config peer
	option client 'hq'
	option seq '10'
	option fqdn 'hub1.example.net'

config peer
	option client 'hq'
	option seq '20'
	option address '203.0.113.2'
`;

test("a branch in UCI is the same branch in the configuration file", () => {
  expect(rendered(branch)).toEqual({
    hostname: "branch12",
    ikev2: {
      profiles: {
        hq: {
          local: {
            identity: "fqdn:branch12.example.net",
            authentication: "psk",
            psk: { file: "secrets/hq.psk" },
          },
          remote: {
            identity: "dn:CN=hub, O=Example",
            authentication: "psk",
            psk: { file: "secrets/hq.psk" },
          },
          dpd: { interval: "20s" },
          "nat-keepalive": "15s",
          retransmit: { limit: 7, factor: 1.5 },
          fragmentation: { mtu: 1400 },
        },
      },
    },
    clients: {
      hq: {
        profile: "hq",
        inside: ["br-lan", "br-guest"],
        "peer-reactivate": false,
        "kill-switch": true,
        rehearsal: { every: "12h" },
        peers: [
          { seq: 10, fqdn: "hub1.example.net" },
          { seq: 20, address: "203.0.113.2" },
        ],
      },
    },
  });
});

test("every value says which line of the UCI file it comes from", () => {
  const { yaml } = renderUci(branch, "/etc/config/flexspoke");
  expect(yaml).toContain("interval: 20s # /etc/config/flexspoke:14\n");
});

test("off is a word where the file knows it as one, and false where it does not", () => {
  const text = `
config client 'hq'
	option standby 'off'
	option peer_reactivate 'off'
config web 'web'
	option tls 'off'
`;
  expect(rendered(text)).toEqual({
    clients: { hq: { standby: "off", "peer-reactivate": false } },
    web: { tls: "off" },
  });
});

test("an option that should be a list may hold several words", () => {
  const text = "config ike_proposal 'strong'\n\toption key_exchange 'x25519 ecp384'\n";
  expect(rendered(text)).toEqual({
    ikev2: { proposals: { strong: { "key-exchange": ["x25519", "ecp384"] } } },
  });
});

test("weights are written as NAME=NUMBER", () => {
  const text = `
config track 'quorum'
	list threshold_weight 'hub1=10'
	list threshold_weight 'portal=20'
	option threshold_up '20'
`;
  expect(rendered(text)).toEqual({
    track: { quorum: { threshold: { weight: { hub1: 10, portal: 20 }, up: 20 } } },
  });
});

test("a name that UCI can't carry is given as an option", () => {
  const text = `
config web_user
	option name 'jane.doe'
	option password_hash 'scrypt$x'
`;
  expect(rendered(text)).toEqual({
    web: { users: { "jane.doe": { "password-hash": "scrypt$x" } } },
  });
});

test("a mistyped option is refused with its line and the one that was meant", () => {
  expect(faultsOf("config client 'hq'\n\toption kill_swich '1'\n")).toEqual([
    "2: client has no option kill_swich (did you mean kill_switch?)",
  ]);
});

test("a section that does not exist is refused with its line", () => {
  expect(faultsOf("config clients 'hq'\n")).toEqual([
    "1: there is no section clients (did you mean client?)",
  ]);
});

test("a peer that does not say whose it is is refused", () => {
  expect(faultsOf("config peer\n\toption fqdn 'hub1.example.net'\n")).toEqual([
    "1: peer does not say whose it is (option client 'NAME')",
  ]);
});

test("an open quote is refused, and the lines after it are read", () => {
  expect(faultsOf("config client 'hq\nconfig nonsense\n")).toEqual([
    "1: a quote is not closed (put one at its end)",
    expect.stringMatching(/^2: there is no section nonsense/),
  ]);
});

test("quotes, comments and the last of two options are as libuci has them", () => {
  const text = `config flexspoke main # the device
	option hostname first
	option hostname 'bran'"ch1"2   # this one
`;
  expect(rendered(text)).toEqual({ hostname: "branch12" });
});

test("whatever the text is, it is rendered or refused, and what is rendered is YAML", () => {
  const word = fc.constantFrom(
    "config",
    "option",
    "list",
    "client",
    "peer",
    "hq",
    "'",
    '"',
    "#",
    "\\",
    "__proto__",
    "constructor",
    "seq",
    "local_psk_file",
    " ",
    "\n",
    "\t",
    "=",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(word, fc.string({ maxLength: 4 })), { maxLength: 40 }),
      (parts) => {
        const { yaml } = renderUci(parts.join(""), "/etc/config/flexspoke");
        expect(() => parse(yaml)).not.toThrow();
      },
    ),
    { seed: 11, numRuns: 100 },
  );
});
