import { afterEach, expect, test } from "vitest";
import { SetupServer } from "#daemon/setup-server.ts";
import type { Endpoint, IpAddress } from "#lib/ip.ts";
import { silentLog } from "../api/example-backend.ts";

const loopback: Endpoint = { address: "127.0.0.1" as IpAddress, port: 0 };
let server: SetupServer | undefined;
afterEach(() => server?.close());

test("every address of the page gives the same text, which no cache keeps and no script is in", async () => {
  server = new SetupServer("<h1>nothing here yet</h1>", silentLog);
  await server.open([loopback]);
  const [port] = server.ports;
  for (const place of ["", "index.html", "api/v1/state"]) {
    const answer = await fetch(`http://127.0.0.1:${port}/${place}`);
    expect(await answer.text()).toBe("<h1>nothing here yet</h1>");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  }
});
