/** The system in the slots and the course of an update, for a person. */
import type { UpdateState } from "#state/document-update.ts";
import { list, printable, shortTime } from "../table.ts";

/** What `flexspoke update status` prints. */
export function updateStatus(state: UpdateState): string {
  const { board, version, built, slot, other, last } = state;
  const idle = slot === "A" ? "B" : "A";
  return list([
    ["Board", board],
    [`Slot ${slot}`, `${version}, built ${shortTime(built)}, runs`],
    [`Slot ${idle}`, other ? `${other.version}, built ${shortTime(other.built)}` : "nothing whole"],
    ["Now", nowOf(state)],
    ["Last update", last && `${last.version || "unknown"}: ${outcomes[last.outcome]}`],
    ["Because", last?.reason],
    ["At", last && shortTime(last.at)],
  ]);
}

/** What happens after an update was taken in, in one line. */
export function outlookOfUpdate(state: UpdateState): string {
  const { phase, other } = state;
  const version = printable(other?.version ?? "the other system");
  if (phase === "restarting")
    return `${version} is installed: the device restarts and tries it; it stays when what is up now is up again (\`flexspoke update status\` tells)`;
  if (phase === "armed") return `${version} is installed: the next start tries it`;
  return nowOf(state);
}

function nowOf({ phase, incoming, trial, other }: UpdateState): string {
  switch (phase) {
    case "writing":
      return incoming
        ? `${incoming.step} ${incoming.version}, ${percent(incoming.done, incoming.total)} (${incoming.by})`
        : "reading a bundle";
    case "armed":
      return `the next start tries ${other?.version ?? "the other slot"}`;
    case "restarting":
      return "the device restarts";
    case "trial":
      return trialOf(trial);
    case "idle":
      return "no update is under way";
  }
}

function trialOf(trial: UpdateState["trial"]): string {
  if (!trial) return "on trial";
  const { from, lacking, "ends-at": at } = trial;
  const end = at === undefined ? "no link works, so its time stands still" : `by ${shortTime(at)}`;
  const condition =
    lacking.length > 0 ? `${lacking.join(", ")} must be up again` : "it must go on working";
  return `on trial: ${condition}, ${end}, or ${from} comes back`;
}

const percent = (done: number, total: number): string =>
  `${total > 0 ? Math.floor((done / total) * 100) : 0} %`;

const outcomes = { kept: "kept", "rolled-back": "rolled back", refused: "refused" } as const;
