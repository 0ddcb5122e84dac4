import { expect, test } from "vitest";
import { importIos } from "#config/ios/import-ios.ts";
import { decodeType7, maskSecrets, readSecretForm } from "#config/ios/secret-forms.ts";
import { corpus, importCorpus } from "./ios-corpus.ts";

const textOf = (read: ReturnType<typeof readSecretForm>) =>
  read.ok ? new TextDecoder().decode(read.value.reveal()) : read.error;

/** Published examples of the same password under different salts. */
test.each([
  "0822455D0A16",
  "094F471A1A0A",
  "13061E010803",
  "110A1016141D",
  "045802150C2E",
  "1511021F0725",
  "070C285F4D06",
  "02050D480809",
  "121A0C041104",
  "030752180500",
  "05080F1C2243",
])("type 7 %s is the password it was made of", (text) => {
  expect(textOf(decodeType7(text))).toBe("cisco");
});

test.each(["", "0", "08", "0822455D0A1", "9922455D0A16", "08ZZ"])(
  "a damaged type 7 password is told, not guessed: %j",
  (text) => {
    expect(decodeType7(text).ok).toBe(false);
  },
);

test.each([
  ["plain", "plain"],
  ["0 plain", "plain"],
  ["0 7", "7"],
  ["7 0822455D0A16", "cisco"],
  ["two words", "two words"],
])("the key of %j is read", (form, key) => {
  expect(textOf(readSecretForm(form))).toBe(key);
});

test.each(["5 $1$abc", "6 XYZ", "8 $8$abc", "9 $9$abc", "hex 0x123", ""])(
  "the key of %j has to be typed in again",
  (form) => {
    expect(readSecretForm(form).ok).toBe(false);
  },
);

test("a key in hexadecimal digits is its octets", () => {
  const read = readSecretForm("hex 0x0011AAff");
  expect(read.ok && [...read.value.reveal()]).toEqual([0x00, 0x11, 0xaa, 0xff]);
});

test.each([
  ["username bob privilege 15 secret 9 $9$x", "username bob privilege 15 secret •••"],
  ["snmp-server community hidden RO", "snmp-server community •••"],
  ["snmp-server host 192.0.2.1 version 2c hidden", "snmp-server host 192.0.2.1 •••"],
  ["neighbor 10.0.0.1 password 7 0822", "neighbor 10.0.0.1 password •••"],
  ["standby 1 authentication hidden", "standby 1 authentication •••"],
  ["ppp pap sent-username u password 0 x", "ppp pap •••"],
  ["path ftp://u:p@192.0.2.1/x", "path ftp://•••@192.0.2.1/x"],
  ["authentication local pre-share key 0 hidden", "authentication local pre-share •••"],
  ["crypto isakmp key hidden address 0.0.0.0", "crypto isakmp key •••"],
])("%s is shown masked", (line, shown) => {
  expect(maskSecrets(line)).toBe(shown);
});

test("no secret of the corpus is in the configuration or in a remark", () => {
  const planted =
    /fake|NOTSHOWN|Not-A-Real|N0t-A-Real|EXAMPLEYIELDS|notreadable|SECRETNH|OLDKEY|046E18|062F0E/;
  for (const name of corpus) {
    const { yaml, remarks, missing } = importCorpus(name);
    expect(yaml + JSON.stringify([remarks, missing]), name).not.toMatch(planted);
  }
});

test("local and remote keys that are the same have one file, and different ones two", () => {
  const router = (keys: string) =>
    importIos(
      `crypto ikev2 keyring K
 peer a
  address 203.0.113.1
${keys}
crypto ikev2 profile P
 match identity remote any
 keyring local K
crypto ipsec profile I
 set ikev2-profile P
interface Tunnel1
 tunnel destination 203.0.113.1
 tunnel mode ipsec ipv4
 tunnel protection ipsec profile I
`,
      { source: "x" },
    ).secrets.map(({ path, content }) => [path, new TextDecoder().decode(content.reveal())]);
  expect(router("  pre-shared-key one")).toEqual([["secrets/P.psk", "one\n"]]);
  expect(router("  pre-shared-key local one\n  pre-shared-key remote 0 two")).toEqual([
    ["secrets/P-local.psk", "one\n"],
    ["secrets/P-remote.psk", "two\n"],
  ]);
});
