/**
 * The board and its temperature where the kernel got a device tree, as on every ARM board: it shows both itself, and neither a
 * library nor a program has to be asked.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { HostState } from "#state/document-host.ts";

/** @returns undefined on a machine without a device tree. */
export function deviceTreeBoard(root = "/"): Pick<HostState, "board" | "temperature"> | undefined {
  const board = textOf(`${root}proc/device-tree/model`).replaceAll("\0", "").trim();
  if (board === "") return undefined;
  const degrees = hottest(`${root}sys/class/thermal`);
  return { board, ...(degrees === undefined ? {} : { temperature: degrees }) };
}

/** Of the zones, in thousandths of a degree Celsius. Linux Documentation/driver-api/thermal/sysfs-api.rst */
function hottest(folder: string): number | undefined {
  const degrees = zonesIn(folder)
    .map((zone) => Number.parseInt(textOf(`${folder}/${zone}/temp`), 10) / 1_000)
    .filter((each) => each > 0 && each < 200);
  return degrees.length === 0 ? undefined : Math.max(...degrees);
}

function zonesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith("thermal_zone"));
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
