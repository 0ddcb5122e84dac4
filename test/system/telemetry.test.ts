/** The branch tells a broker behind the hub what happens to it, through the tunnel and no other way. */
import { expect } from "vitest";
import { hubs } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import type { Lab } from "#test/lab/lab.ts";
import { type Process, until } from "#test/lab/machine.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

const broker = hubs.hub1.host4;

/** mosquitto in the headquarters, and somebody there who hears all of it. */
async function startBroker({ topology }: Lab): Promise<Process> {
  const file = `${topology.folder}/mosquitto.conf`;
  const settings = ["listener 1883", "allow_anonymous true", "user root", "log_type error"];
  await topology.machine.writeFile(file, `${settings.join("\n")}\n`, 0o600);
  await topology.spawn("hq1", ["/usr/sbin/mosquitto", "-c", file]);
  const listener = await topology.spawn("hq1", [
    "sh",
    "-c",
    `until mosquitto_sub -h ${broker} -q 1 -i ear -c -t '#' -v; do :; done`,
  ]);
  const answers = async () => {
    const { code } = await topology.exec("hq1", `mosquitto_pub -h ${broker} -t probe -m there`);
    return code === 0 && listener.output().includes("probe there");
  };
  await until("mosquitto answers", answers, 30_000);
  return listener;
}

const hears = (listener: Process, text: RegExp) =>
  until(
    `the broker hears ${text}`,
    () => Promise.resolve(text.test(listener.output())),
    60_000,
    () => Promise.resolve(listener.output()),
  );

/** Events as they arrived. */
function eventsIn(listener: Process): readonly { id: number; mnemonic: string }[] {
  return listener
    .output()
    .split("\n")
    .filter((line) => line.startsWith("flexspoke/branch12/event "))
    .map((line) => JSON.parse(line.slice("flexspoke/branch12/event ".length)));
}

scenario("what happens while the tunnel is down is told when it is back, in order", async (lab) => {
  const { branch, hub1, topology } = lab;
  await hub1.start({ swanctl: pskHub(topology, "hub1") });
  const listener = await startBroker(lab);
  const mqtt = {
    url: `mqtt://${broker}:1883`,
    "client-id": "branch12",
    via: "hq",
    "metrics-interval": "2s",
    commands: ["disconnect", "connect", "reload"],
  };
  await branch.start(pskBranch({ mqtt }));
  await branch.untilState("up");
  await hears(listener, /^flexspoke\/branch12\/status online$/m);
  await hears(listener, /^flexspoke\/branch12\/metrics \{/m);

  const command = JSON.stringify({ id: "bye", action: "disconnect" });
  await topology.must(
    "hq1",
    `mosquitto_pub -h ${broker} -t flexspoke/branch12/cmd -m '${command}'`,
  );
  await branch.untilEvent("FLEXVPN-6-FLEXVPN_CONNECTION_DOWN");
  await branch.untilState("idle");
  await branch.action("clients/hq/connect");
  await branch.untilState("up");

  await hears(listener, /FLEXVPN-6-FLEXVPN_CONNECTION_DOWN/);
  const wanted = (await branch.events()).filter(({ mnemonic }) => mnemonic.startsWith("FLEXVPN-6"));
  const last = wanted.at(-1)?.id ?? 0;
  await hears(listener, new RegExp(`"id":${last},`));
  // What the broker had when the tunnel fell, and could not say that it had, comes again under its id.
  const ids = [...new Set(eventsIn(listener).map(({ id }) => id))];
  expect(ids.length).toBeGreaterThan(12);
  expect(ids).toEqual(Array.from(ids, (_, index) => 1 + index));
  expect(await lab.sniffer.clearPackets()).toEqual([]);
});
