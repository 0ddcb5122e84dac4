/** libreswan as a hub, with its own pool. Needs ESP in the kernel. */
import { type HubName, hubs } from "./addresses.ts";
import { HubProcess } from "./hub-process.ts";
import type { Credential } from "./pki.ts";
import { presharedKey } from "./strongswan-config.ts";
import type { Topology } from "./topology.ts";

/** How its clients prove themselves: by the lab's pre-shared key, or by certificates below `root` with RSA keys. */
export type LibreswanAuthentication =
  | { readonly method: "psk" }
  | { readonly method: "certificate"; readonly own: Credential; readonly root: string };

export class LibreswanHub {
  readonly #topology: Topology;
  readonly #name: HubName;
  #process: HubProcess | undefined;

  constructor(topology: Topology, name: HubName) {
    this.#topology = topology;
    this.#name = name;
  }

  /** What it assigns begins with this. */
  get pool(): string {
    return hubs[this.#name].pool4.replace("10.250.", "10.251.").replace("0/24", "");
  }

  /** Resolves when it listens and has loaded its connection. */
  async start(authentication: LibreswanAuthentication): Promise<void> {
    const isPsk = authentication.method === "psk";
    const process = await HubProcess.start(this.#topology, this.#name, {
      command: [
        "set -e; mkdir -p /run/pluto /lab/nss",
        "certutil -N -d sql:/lab/nss --empty-password",
        ...(isPsk ? [] : importCertificates),
        "exec /usr/libexec/ipsec/pluto --nofork --config /lab/ipsec.conf --secretsfile /lab/ipsec.secrets " +
          "--nssdir /lab/nss --rundir /run/pluto --stderrlog",
      ].join("\n"),
      mounts: {},
      files: {
        "ipsec.conf": this.#configuration(isPsk),
        "ipsec.secrets": isPsk ? `: PSK "${presharedKey}"\n` : "",
        ...(isPsk ? {} : certificateFiles(authentication)),
      },
    });
    this.#process = process;
    const loaded = await process.exec(
      `i=0; until ipsec whack --status >/dev/null 2>&1; do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.2; done
       ipsec whack --listen && ipsec addconn --config /lab/ipsec.conf --autoall`,
      { timeout: 60_000 },
    );
    if (loaded.code !== 0) {
      throw new Error(`pluto: ${loaded.stdout}${loaded.stderr}\n${process.output()}`);
    }
  }

  /** Its log so far. */
  log(): string {
    return this.#process?.output() ?? "";
  }

  async stop(): Promise<void> {
    await this.#process?.stop("SIGTERM");
    this.#process = undefined;
  }

  #configuration(isPsk: boolean): string {
    const { ipv4, network4, name } = hubs[this.#name];
    const proof = isPsk
      ? ["rightid=%any", "authby=secret"]
      : [
          "rightid=@branch12.lab",
          "rightca=%same",
          "authby=rsasig",
          "leftcert=hub",
          "leftsendcert=always",
        ];
    const lines = [
      ...[`left=${ipv4}`, `leftid=@${name}.lab`, `leftsubnet=${network4}`, "right=%any"],
      ...[`rightaddresspool=${this.pool}10-${this.pool}100`],
      ...["leftmodecfgserver=yes", "rightmodecfgclient=yes", 'modecfgdns="10.1.0.53, 10.1.0.54"'],
      ...[
        'modecfgdomains="corp.lab"',
        "narrowing=yes",
        "keyexchange=ikev2",
        "mobike=no",
        "auto=add",
      ],
      ...["ike=aes_gcm256-sha2_384-dh31", "esp=aes_gcm256", ...proof],
    ];
    return `config setup\n\tprotostack=xfrm\nconn lab\n${lines.map((line) => `\t${line}\n`).join("")}`;
  }
}

const importCertificates = [
  "openssl pkcs12 -export -name hub -in /lab/hub.pem -inkey /lab/hub.key -passout pass: -out /lab/hub.p12",
  'pk12util -i /lab/hub.p12 -d sql:/lab/nss -W ""',
  "certutil -A -n root -t CT,, -d sql:/lab/nss -i /lab/root.pem",
];

function certificateFiles({ own, root }: { own: Credential; root: string }) {
  return { "hub.pem": own.certificate, "hub.key": own.key, "root.pem": root };
}
