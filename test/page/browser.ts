/** A real Chromium without a window, Debian's. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { projectRoot } from "#test/lab/cache.ts";

/** Starts one; the caller closes it. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["FLEXSPOKE_CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    // Tests run as root, where the sandbox refuses to; the only page it sees is ours.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

export const devices = {
  desktop: { viewport: { width: 1360, height: 860 }, deviceScaleFactor: 1 },
  phone: {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
  },
} as const;

/** Keeps what the page looks like, whole, under `build/screenshots`. */
export async function keepLook(page: Page, name: string): Promise<void> {
  const folder = path.join(projectRoot, "build/screenshots");
  mkdirSync(folder, { recursive: true });
  const { width, height } = page.viewportSize() ?? devices.desktop.viewport;
  // As tall as its content, so that what is fixed to the edges of the screen stands at the edges of the picture.
  const whole = Number(await page.evaluate("document.documentElement.scrollHeight"));
  await page.setViewportSize({ width, height: Math.max(height, whole) });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
  await page.setViewportSize({ width, height });
}

/** Fills in the login form and waits until it is gone. */
export async function logIn(page: Page, password: string): Promise<void> {
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("navigation", { name: "Views" }).first().waitFor();
}
