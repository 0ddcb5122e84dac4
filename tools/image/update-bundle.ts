/**
 * The bundle that brings an image's slot to devices in the field, and the key that it is signed with: the one that
 * `FLEXSPOKE_UPDATE_KEY` names, or one of this machine alone, which is made at the first build.
 */
import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../cache.ts";
import { makeUpdate, treeVersion } from "../make-update.ts";
import { builtAt } from "../source-date.ts";
import { type UpdateKeyFiles, updateKey } from "../update-key.ts";
import { imageBoards } from "./board.ts";

/**
 * The pair that bundles are signed and checked by.
 * @throws when `FLEXSPOKE_UPDATE_KEY` names no private key with its public one beside it.
 */
export function signingKey(): UpdateKeyFiles {
  const { FLEXSPOKE_UPDATE_KEY: chosen } = process.env;
  if (!chosen) return updateKey(path.join(cacheFolder(), "update-keys"), "development");
  const pair = { privateKey: chosen, publicKey: chosen.replace(/\.key$/, ".pub") };
  for (const file of Object.values(pair))
    if (!existsSync(file)) throw new Error(`FLEXSPOKE_UPDATE_KEY: there is no ${file}`);
  return pair;
}

/** Makes `flexspoke-VERSION.fsu` in `folder`. @returns its name. */
export function makeBundle(
  images: { readonly boot: string; readonly root: string },
  folder: string,
): string {
  const version = treeVersion();
  const file = path.join(folder, `flexspoke-${version}.fsu`);
  const key = createPrivateKey(readFileSync(signingKey().privateKey));
  makeUpdate({ images, board: imageBoards(), version, built: builtAt(), key }, file);
  return file;
}
