import { expect, test } from "vitest";
import { renderConfig } from "#config/render.ts";
import { check, load, withLines } from "./branch-files.ts";

const salt = "A".repeat(22);
const hash = `scrypt$16384$8$5$${salt}$${"B".repeat(43)}`;
const withWeb = (web: string): string => withLines("end", `web: ${web}`);

test("the page may be on a LAN address, with its users and other names", () => {
  const { web } = load(
    withWeb(
      `{ listen: [ "192.168.12.1:80", "[fd00::1]:80" ], names: [ Router.example.net ], users: { admin: { password-hash: "${hash}" } } }`,
    ),
  ).resolved;
  expect(web.listen).toEqual([
    { address: "192.168.12.1", port: 80 },
    { address: "fd00::1", port: 80 },
  ]);
  expect(web.names).toEqual(["branch12", "router.example.net"]);
  expect(web.users["admin"]).toMatchObject({ cost: 16_384, blockSize: 8, parallelization: 5 });
});

test("a password hash is never shown", () => {
  const { written } = load(withWeb(`{ users: { admin: { password-hash: "${hash}" } } }`));
  expect(renderConfig(written)).toContain("password-hash: •••");
});

test("a listener on all addresses is open towards the WAN: a warning says so", () => {
  const { errors, warnings } = check(withWeb('{ listen: [ "0.0.0.0:8080" ] }'));
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    expect.stringContaining("web.listen[0]: opens the page towards the WAN, too"),
  ]);
});

test("one address and port twice is an error", () => {
  const { errors } = check(withWeb('{ listen: [ "[::1]:80", "[0::1]:80" ] }'));
  expect(errors).toEqual([
    expect.stringContaining("web.listen[1]: is here twice (each address and port once)"),
  ]);
});
