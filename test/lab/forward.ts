/** Makes a TCP port of a place in the lab reachable on this host's loopback, wherever the lab is. */
import { createServer, type Socket } from "node:net";
import type { Place } from "./addresses.ts";
import { until } from "./machine.ts";
import type { Topology } from "./topology.ts";

export interface Forward {
  /** `http://127.0.0.1:PORT` of this host. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Forwards a port of this host's loopback to one of the loopback of a place.
 * @param hostPort 0 for any that is free.
 */
export async function forwardPort(
  topology: Topology,
  place: Place,
  port: number,
  hostPort = 0,
): Promise<Forward> {
  const { machine, folder } = topology;
  // Unix sockets are the same in every network namespace: from there to the port it is one program.
  const path = `${folder}/forward-${place}-${port}.sock`;
  const ends = [`UNIX-LISTEN:${path},fork`, `TCP:127.0.0.1:${port}`];
  const relay = await topology.spawn(place, ["socat", ...ends]);
  await until(
    `port ${port} of ${place} can be reached`,
    async () => (await machine.exec(["test", "-S", path])).code === 0,
    20_000,
    () => Promise.resolve(relay.output()),
  );
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const there = machine.connect(
      path,
      (data) => socket.write(data),
      () => socket.destroy(),
    );
    socket.setNoDelay(true);
    socket.on("data", (data) => there.write(data));
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      there.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(hostPort, "127.0.0.1", resolve);
  });
  const address = server.address();
  const given = typeof address === "object" && address ? address.port : hostPort;
  return {
    url: `http://127.0.0.1:${given}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      relay.kill();
    },
  };
}
