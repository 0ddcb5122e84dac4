/**
 * Finds and loads the compiled Node addons that the product carries. It knows where they lie and nothing of what they
 * do. In a checkout they come out of node_modules; the one-file binary writes its assets to a folder and names it here.
 */
import { createRequire } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";

/** An addon that ships with the product; its file is called `NAME.node` in the folder of the addons. */
export type NativeAddon = "koffi" | "netlink";

/** Environment variable that names the folder of the addons. */
export const ADDON_FOLDER_VARIABLE = "FLEXSPOKE_ADDONS";

let folder: string | undefined;

/** Says where the addons lie from now on; goes before the environment variable. For a binary that unpacked its own. */
export function useAddonFolder(path: string): void {
  folder = path;
}

/**
 * Loads an addon: from the folder named by `useAddonFolder` or the environment, else with `fromPackage`.
 * `process.dlopen` needs neither a module system nor a package around it, so it works inside a bundle.
 *
 * @param fromPackage how the addon's own package loads it, for a checkout with node_modules.
 * @throws {Error} as dlopen does, when the file is missing or for another machine.
 */
export function loadNativeAddon(name: NativeAddon, fromPackage: () => unknown): unknown {
  const path = addonPath(name);
  if (path === undefined) return fromPackage();
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, path, constants.dlopen.RTLD_NOW);
  return module.exports;
}

/** The file that `loadNativeAddon` would open; undefined when the addon comes out of its package. */
export function addonPath(name: NativeAddon): string | undefined {
  const from = folder ?? process.env[ADDON_FOLDER_VARIABLE];
  return from === undefined ? undefined : join(from, `${name}.node`);
}

/** `require` for a package of the checkout, hidden from the bundler on purpose: the addon's file is not in the bundle. */
export function requirePackage(name: string): unknown {
  return createRequire(import.meta.url)(name);
}
