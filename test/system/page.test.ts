/** The status page of a branch in the lab, in a real Chromium: what happens there is on the screen within two seconds. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { hubs } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { type Forward, forwardPort } from "#test/lab/forward.ts";
import type { Lab } from "#test/lab/lab.ts";
import { scenariosWith } from "#test/lab/scenario.ts";
import { twinHub } from "#test/lab/strongswan-config.ts";
import { keepLook, logIn, startBrowser } from "#test/page/browser.ts";
import { cheapHash } from "#test/page/cheap-hash.ts";

const PASSWORD = "a branch in a lab";
const { hub1, hub2 } = hubs;

/** Two hubs, one of them hot standby, and something to draw. */
const branch = pskBranch({
  web: { users: { admin: { "password-hash": cheapHash(PASSWORD) } } },
  ikev2: {
    profiles: {
      hq: {
        dpd: { mode: "periodic", interval: "2s", retry: "1s" },
        retransmit: { initial: "1s", factor: 1.3, limit: 4 },
      },
    },
  },
  sla: {
    "hub1-echo": { "icmp-echo": hub1.ipv4, frequency: "2s", timeout: "1s" },
    "hub2-echo": { "icmp-echo": hub2.ipv4, frequency: "2s", timeout: "1s" },
  },
  track: {
    hub1: { sla: "hub1-echo" },
    hub2: { sla: "hub2-echo" },
    maintenance: { stub: "down" },
    "a-hub": { boolean: "(hub1 or hub2) and not maintenance" },
  },
  clients: {
    hq: {
      peers: [
        { seq: 10, address: hub1.ipv4 },
        { seq: 20, address: hub2.ipv4 },
      ],
      standby: "hot",
      "peer-reactivate": false,
    },
  },
});

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const scenario = scenariosWith(({ topology, hub1: first, hub2: second }) =>
  Promise.all([
    first.start({ swanctl: twinHub(topology, "hub1") }),
    second.start({ swanctl: twinHub(topology, "hub2") }),
  ]),
);

/** The page of the running branch, logged in; and everything that its browser complains of. */
async function openPage(lab: Lab): Promise<{ page: Page; faults: string[]; forward: Forward }> {
  const forward = await forwardPort(lab.topology, "branch", 8_080);
  const page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (said) => {
    if (said.type() === "error" && !said.text().includes("Failed to load resource"))
      faults.push(said.text());
  });
  await page.goto(forward.url);
  await logIn(page, PASSWORD);
  return { page, faults, forward };
}

const shows = (page: Page, text: string | RegExp, timeout = 20_000) =>
  page.getByText(text).first().waitFor({ timeout });

/** The client is up with one hub and the other stands by; on a slow machine it may have changed over already. */
async function steady({ branch: client, hub1: first, hub2: second }: Lab) {
  const ready = await client.untilClient(
    "up with a standby",
    ({ state, standby }) => state === "up" && standby?.state === "ready",
    120_000,
  );
  const isFirst = ready.peer?.address === hub1.ipv4;
  return isFirst
    ? { hub: first, from: hub1.ipv4, to: hub2.ipv4 }
    : { hub: second, from: hub2.ipv4, to: hub1.ipv4 };
}

/** Stops a hub. @returns how long after it was gone, and after the daemon had moved, the page showed the other one. */
async function failover(lab: Lab, page: Page, signal: "SIGTERM" | "SIGKILL") {
  const { hub, from, to } = await steady(lab);
  await shows(page, `through ${from}`);
  await shows(page, "Stands by");
  const now = () => Date.now();
  const moved = lab.branch.untilUp({ peer: to }).then(now);
  const seen = shows(page, `through ${to}`, 60_000).then(now);
  await hub.stop(signal);
  const stopped = now();
  const behind = (await seen) - Math.max(stopped, await moved);
  console.error(
    `${signal}: the page showed the failover ${(await seen) - stopped} ms after the hub was gone, ${behind} ms after the daemon`,
  );
  const comeBack = () =>
    hub.start({ swanctl: twinHub(lab.topology, from === hub1.ipv4 ? "hub1" : "hub2") });
  return { from, to, behind, comeBack };
}

scenario(
  "a hub is stopped: the page shows within two seconds which one took over, and its story",
  async (lab) => {
    await lab.branch.start(branch);
    await steady(lab);
    const { page, faults, forward } = await openPage(lab);
    await shows(page, "Stands by");
    await keepLook(page, "lab-before");
    const first = await failover(lab, page, "SIGTERM");
    expect(first.behind).toBeLessThan(2_000);
    await keepLook(page, "lab-after");

    await page.getByRole("link", { name: "Timeline", exact: true }).first().click();
    await shows(page, `Failed over from ${first.from} to ${first.to}`);
    await shows(page, /deleted the IKE SA/);
    await shows(page, /because of \d+/);
    await keepLook(page, "lab-story");

    await first.comeBack();
    await page.getByRole("link", { name: "Overview", exact: true }).first().click();
    const second = await failover(lab, page, "SIGKILL");
    expect(second.behind).toBeLessThan(2_000);
    await second.comeBack();
    expect(faults).toEqual([]);
    await page.close();
    await forward.close();
  },
);

scenario(
  "the page acts, shows every view of a running branch, and outlives a restart of the daemon",
  async (lab) => {
    await lab.branch.start(branch);
    await lab.branch.untilState("up");
    const { page, faults, forward } = await openPage(lab);
    for (const view of ["Tracks", "Probes", "Lines", "Diagnose", "System", "Connection"]) {
      await page.getByRole("link", { name: view, exact: true }).first().click();
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (view === "Probes") await shows(page, "Difference to the run before");
      if (view === "Diagnose") await shows(page, /stands in the way$/, 40_000);
      await keepLook(page, `lab-${view.toLowerCase()}`);
    }
    await page.getByRole("button", { name: "Rekey Child SA" }).click();
    await lab.branch.untilEvent("FLEXSPOKE-6-CHILD_REKEYED");
    expect((await lab.branch.untilEvent("FLEXSPOKE-5-CLIENT_REQUEST")).message).toMatch(
      /admin on the page/,
    );

    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("button", { name: "Leave it as it is" }).click();
    expect((await lab.branch.client()).state).toBe("up");
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await lab.branch.untilState("idle");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await lab.branch.untilState("up");

    await lab.branch.stop();
    await shows(page, "does not answer.");
    await lab.branch.run();
    await shows(page, "Live", 30_000);
    await lab.branch.untilState("up");
    await page.getByRole("link", { name: "Overview", exact: true }).first().click();
    await shows(page, /through 203\.0\.113\./);
    expect(faults).toEqual([]);
    await page.close();
    await forward.close();
  },
);
