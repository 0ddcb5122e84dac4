import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type PeerCertificate, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { certifiedNames, selfSignedProof } from "#api/self-signed.ts";
import { type ApiServer, startApi, type WebSettings } from "#api/server.ts";
import { filesInMemory, type StateFiles } from "#api/state-files.ts";
import type { IpAddress } from "#lib/ip.ts";
import { makeSelfSigned } from "../../support/pki.ts";
import { ExampleBackend, silentLog } from "./example-backend.ts";

const wanted = certifiedNames(["branch12"], ["192.168.12.1" as IpAddress]);
const day = 86_400_000;
const now = Date.UTC(2026, 10, 24);
let files: StateFiles;
beforeEach(() => {
  files = filesInMemory();
});

test("the device's certificate is for its names and addresses and a little more than a year", () => {
  const x509 = new X509Certificate(selfSignedProof(wanted, files, now).cert);
  for (const name of ["branch12", "branch12.local", "localhost"])
    expect(x509.checkHost(name)).toBe(name);
  for (const address of ["192.168.12.1", "127.0.0.1", "::1"])
    expect(x509.checkIP(address)).toBeDefined();
  expect(x509.ca).toBe(false);
  expect(x509.verify(x509.publicKey)).toBe(true);
  expect(Date.parse(x509.validFrom)).toBeLessThan(now);
  expect(Date.parse(x509.validTo) - Date.parse(x509.validFrom)).toBeLessThanOrEqual(398 * day);
});

test("it is kept until thirty days before its end, and renewed then with the same key", () => {
  const first = selfSignedProof(wanted, files, now);
  expect(selfSignedProof(wanted, files, now + 360 * day)).toEqual(first);
  const second = selfSignedProof(wanted, files, now + 370 * day);
  expect(second.cert).not.toBe(first.cert);
  const keyOf = ({ cert }: { cert: string }) =>
    new X509Certificate(cert).publicKey.export({ format: "pem", type: "spki" });
  expect(keyOf(second)).toBe(keyOf(first));
});

test("another name of the device makes another certificate", () => {
  const first = selfSignedProof(wanted, files, now);
  const second = selfSignedProof(certifiedNames(["depot"], []), files, now);
  expect(second.cert).not.toBe(first.cert);
});

test("a clock that was not set yet makes one that holds now, and renews nothing that is kept", () => {
  const first = selfSignedProof(wanted, files, 0);
  const x509 = new X509Certificate(first.cert);
  expect(Date.parse(x509.validFrom)).toBeLessThan(now);
  expect(Date.parse(x509.validTo)).toBeGreaterThan(Date.UTC(2026, 11, 1));
  const later = selfSignedProof(wanted, files, Date.UTC(2027, 5, 1));
  expect(selfSignedProof(wanted, files, 0)).toEqual(later);
});

test.each(["", "rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])(
  "a damaged file, %j, is replaced",
  (text) => {
    files.write("web-tls.pem", text);
    expect(selfSignedProof(wanted, files, now).cert).toContain("BEGIN CERTIFICATE");
  },
);

let folder: string;
let api: ApiServer | undefined;

afterEach(async () => {
  await api?.close();
  api = undefined;
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function start(web: Partial<WebSettings>): Promise<number> {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-tls-"));
  api = await startApi({
    backend: new ExampleBackend(),
    controlSocket: join(folder, "control.sock"),
    listen: [{ address: "127.0.0.1" as IpAddress, port: 0 }],
    names: ["branch12"],
    files,
    log: silentLog,
    ...web,
  });
  return api.endpoints[0]!.port;
}

/** Asks over TLS. @returns what the server showed. */
function ask(port: number): Promise<{ status: number; certificate: PeerCertificate }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port, path: "/api/v1/state", rejectUnauthorized: false, agent: false },
      (response) => {
        const certificate = (response.socket as TLSSocket).getPeerCertificate();
        response
          .resume()
          .once("end", () => resolve({ status: response.statusCode ?? 0, certificate }));
      },
    );
    outgoing.once("error", reject).end();
  });
}

test("a page with its own certificate speaks TLS, and nothing older than 1.2", async () => {
  const port = await start({ tls: { kind: "self-signed" } });
  const { status, certificate } = await ask(port);
  expect(status).toBe(200);
  expect(certificate.subjectaltname).toContain("DNS:branch12");
  const old = connect({ host: "127.0.0.1", port, maxVersion: "TLSv1.1", minVersion: "TLSv1" });
  await expect(
    new Promise((resolve, reject) => old.once("secureConnect", resolve).once("error", reject)),
  ).rejects.toThrow();
});

test("a certificate that was given is the one that is shown", async () => {
  const leaf = makeSelfSigned({ subject: "CN=router.example.net" });
  const port = await start({ tls: { kind: "given", chain: [leaf.der], key: leaf.key } });
  expect((await ask(port)).certificate.subject.CN).toBe("router.example.net");
});

test("who keeps a TLS handshake open does not keep the daemon from ending", async () => {
  const { connect: connectTcp } = await import("node:net");
  const port = await start({ tls: { kind: "self-signed" } });
  const silent = connectTcp(port, "127.0.0.1").on("error", () => {});
  await new Promise((resolve) => silent.once("connect", resolve));
  const closed = new Promise((resolve) => silent.once("close", resolve));
  silent.resume();
  await ask(port);
  await api?.close();
  await closed;
});
