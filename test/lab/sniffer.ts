/** Watches all that passes between branch and hubs, or in any other place. */
import type { Place } from "./addresses.ts";
import type { Process } from "./machine.ts";
import { until } from "./machine.ts";
import type { Topology } from "./topology.ts";

/** Packets that must never be seen outside: to or from the LAN, the sites, or an assigned address. */
const clearText = "net 192.168.10.0/24 or net 10.0.0.0/8 or net fd00::/8";

export class Sniffer {
  readonly #topology: Topology;
  readonly #file: string;
  readonly #process: Process;

  private constructor(topology: Topology, file: string, process: Process) {
    this.#topology = topology;
    this.#file = file;
    this.#process = process;
  }

  /** Starts; resolves when it sees packets. */
  static async start(
    topology: Topology,
    place: Place = "internet",
    file = `${topology.folder}/internet.pcap`,
  ): Promise<Sniffer> {
    // Every interface of `internet` is outside, so one capture sees both uplinks and both hubs.
    const process = await topology.spawn(place, [
      ...["tcpdump", "-i", "any", "-n", "-U", "--immediate-mode", "-Z", "root", "-w", file],
      ...["-s", "128"],
    ]);
    await until(
      "the sniffer listens",
      () => Promise.resolve(process.output().includes("listening on")),
      20_000,
    );
    return new Sniffer(topology, file, process);
  }

  /** Packets that left or entered in clear, as text, one a line; empty is what every test wants. */
  clearPackets(): Promise<string[]> {
    return this.packets(clearText);
  }

  /** Packets so far that match a tcpdump filter; each passes two interfaces and so is seen twice. */
  async packets(filter: string): Promise<string[]> {
    const text = await this.#topology.machine.must(["tcpdump", "-n", "-r", this.#file, filter]);
    return text.split("\n").filter((line) => line.trim() !== "");
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGINT");
    await this.#process.exited;
  }
}
