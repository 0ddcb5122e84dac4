import { afterEach, expect, test, vi } from "vitest";
import { ADDON_FOLDER_VARIABLE, addonPath, loadNativeAddon } from "#linux/libc/native-addon.ts";

afterEach(() => vi.unstubAllEnvs());

test("in a checkout an addon comes out of its own package", () => {
  vi.stubEnv(ADDON_FOLDER_VARIABLE, undefined);
  expect(addonPath("koffi")).toBeUndefined();
  expect(loadNativeAddon("koffi", () => "from the package")).toBe("from the package");
});

test("with a folder of addons named, the addon is that folder's file and the package is not asked", () => {
  vi.stubEnv(ADDON_FOLDER_VARIABLE, "/nonexistent/addons");
  expect(addonPath("netlink")).toBe("/nonexistent/addons/netlink.node");
  expect(() => loadNativeAddon("netlink", () => "from the package")).toThrow(
    /\/nonexistent\/addons\/netlink\.node/,
  );
});
