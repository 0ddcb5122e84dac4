/** Every view in both themes on a desk and on a phone: nothing for axe to find, nothing too wide, pictures kept. */
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { views } from "#web/views.ts";
import { devices, keepLook, logIn, startBrowser } from "./browser.ts";
import { openStage, PASSWORD, type PageStage } from "./page-stage.ts";

let browser: Browser;
let stage: PageStage;
beforeAll(async () => {
  [browser, stage] = await Promise.all([startBrowser(), openStage()]);
});
afterAll(() => Promise.all([browser.close(), stage.close()]));

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** What axe finds, and by how many pixels the page is wider than its window. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResult;
  const wide = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
  return [
    ...violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    ...(wide > 0 ? [`${wide} pixels too wide`] : []),
  ];
}

for (const [device, screen] of Object.entries(devices))
  for (const theme of ["light", "dark"] as const)
    test(`on a ${device}, ${theme}: every view is accessible and fits`, async () => {
      const context = await browser.newContext({ ...screen, colorScheme: theme });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (said) => {
        if (/Content Security Policy|Uncaught/.test(said.text())) complaints.push(said.text());
      });
      const found: Record<string, readonly string[]> = {};
      const look = async (name: string): Promise<void> => {
        found[name] = await faultsOf(page);
        await keepLook(page, `${name}-${device}-${theme}`);
      };

      await page.goto(stage.url);
      await page.getByLabel("Password").waitFor();
      await look("login");
      await logIn(page, PASSWORD);
      await page.getByText("Received").first().waitFor();
      for (const view of views) {
        await page.goto(`${stage.url}/#/${view}`);
        await page.locator(`main[data-view="${view}"] h1`).waitFor();
        if (view === "probes") await page.getByText("Round-trip time").waitFor();
        if (view === "diagnose") await page.getByText("What to do").first().waitFor();
        await look(view);
      }
      await page.goto(`${stage.url}/#/timeline`);
      await page.getByRole("button", { name: "Every event" }).click();
      await page.getByRole("searchbox").waitFor();
      await look("events");
      await page.goto(`${stage.url}/#/connection/hq`);
      await page.getByRole("button", { name: "Switch to standby" }).click();
      await page.getByRole("dialog").waitFor();
      await look("dialog");

      expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length))).toEqual(
        {},
      );
      expect(complaints).toEqual([]);
      await context.close();
    });

for (const theme of ["light", "dark"] as const)
  test(`a router that does not answer, ${theme}: the page says so accessibly, with or without something to show`, async () => {
    const context = await browser.newContext({ ...devices.phone, colorScheme: theme });
    const page = await context.newPage();
    await page.goto(stage.url);
    await logIn(page, PASSWORD);
    await page.getByText("Connected").first().waitFor();
    await context.route("**/api/**", (route) => route.abort());
    await page.getByText("does not answer.").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await keepLook(page, `away-${theme}`);
    await page.reload();
    await page.getByText("The router does not answer").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await keepLook(page, `away-from-start-${theme}`);
    await context.close();
  });
