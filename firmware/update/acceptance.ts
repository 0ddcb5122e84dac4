/** Whether this device may take a bundle whose manifest was found genuine: board, version, room. */
import type { SystemFacts } from "./boot-facts.ts";
import type { Manifest, PartName } from "./manifest.ts";
import { type UpdateFault, updateFault } from "./update-fault.ts";
import { compareVersions } from "./version.ts";

/** What the device is. */
export interface Recipient {
  readonly system: SystemFacts;
  /** Bytes of the idle slot's partition for each part. */
  readonly room: Readonly<Record<PartName, number>>;
  /** An operator at the device wants it whatever its version is. */
  readonly force: boolean;
}

/** @returns why the bundle is not for this device; undefined when it is. */
export function refusal(manifest: Manifest, recipient: Recipient): UpdateFault | undefined {
  return (
    wrongBoard(manifest, recipient) ?? older(manifest, recipient) ?? tooLarge(manifest, recipient)
  );
}

function wrongBoard({ board }: Manifest, { system }: Recipient): UpdateFault | undefined {
  if (board.includes(system.board)) return undefined;
  return updateFault(
    "update.wrong-board",
    `the bundle is for ${board.join(", ")}, this device is ${system.board}: download the one for it`,
  );
}

/** The same version, made later or again, is no downgrade: a repair may need it. */
function older(manifest: Manifest, { system, force }: Recipient): UpdateFault | undefined {
  if (force) return undefined;
  const difference = compareVersions(manifest.version, system.version);
  // A system that was made from no release has no version to compare: the time of building decides.
  const isOlder =
    difference === undefined || difference === 0
      ? instant(manifest.built) < instant(system.built)
      : difference < 0;
  if (!isOlder) return undefined;
  const [offered, present] =
    manifest.version === system.version
      ? [`${manifest.version} of ${manifest.built}`, `${system.version} of ${system.built}`]
      : [manifest.version, system.version];
  return updateFault(
    "update.older",
    `the bundle brings ${offered}, older than ${present} which runs here: \`flexspoke update --force FILE\` installs it all the same`,
  );
}

/** RFC 3339 times in UTC are in order as texts, to the second. */
const instant = (time: string): string => time.slice(0, "2026-11-24T00:00:00".length);

function tooLarge({ parts }: Manifest, { room }: Recipient): UpdateFault | undefined {
  const part = parts.find(({ name, size }) => size > room[name]);
  if (!part) return undefined;
  return updateFault(
    "update.too-large",
    `the ${part.name} part of ${part.size} bytes does not fit into the partition of ${room[part.name]}: write the new image to the card`,
  );
}
