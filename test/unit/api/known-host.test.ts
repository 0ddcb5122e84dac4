import { expect, test } from "vitest";
import { isKnown } from "#api/known-host.ts";

const names = ["branch12", "router.example.net"];

test.each([
  ["localhost", "192.168.12.1"],
  ["127.0.0.1:8080", "127.0.0.1"],
  ["[::1]:8080", "::1"],
  ["192.168.12.1:8080", "192.168.12.1"],
  ["192.168.12.1", "::ffff:192.168.12.1"],
  ["[fd00::1]:8080", "fd00::1"],
  ["BRANCH12:8080", "192.168.12.1"],
  ["branch12.local", "192.168.12.1"],
  ["router.example.net.:8443", "192.168.12.1"],
])("%s at %s is this server", (host, arrivedAt) => {
  expect(isKnown(host, names, arrivedAt)).toBe(true);
});

test.each([
  ["", "192.168.12.1"],
  ["evil.example", "192.168.12.1"],
  ["192.168.12.2", "192.168.12.1"],
  ["branch12.evil.example", "192.168.12.1"],
  ["127.0.0.1.evil.example", "127.0.0.1"],
  ["evil.example@branch12", "192.168.12.1"],
  ["branch12:80:80", "192.168.12.1"],
  ["branch12/x", "192.168.12.1"],
])("%j at %s is not", (host, arrivedAt) => {
  expect(isKnown(host, names, arrivedAt)).toBe(false);
});
