/**
 * Scripts as track objects: when to run them and what their end means. It starts no process. Our own kind; exit status 0
 * is up, as for every check of a shell.
 */
import type { ScriptOutcome } from "./inputs.ts";
import { seen, unseen, type Verdict } from "./verdict.ts";

/** @param timeout as it is written: `10s`. */
export function judgeScript(outcome: ScriptOutcome | undefined, timeout: string): Verdict {
  if (!outcome) return unseen("the script has not ended for the first time yet");
  switch (outcome.kind) {
    case "exited":
      return seen(outcome.status === 0, `the script ended with status ${outcome.status}`);
    case "killed":
      return seen(false, `the script was ended by ${outcome.signal}`);
    case "timed-out":
      return seen(false, `the script did not end within ${timeout}`);
    case "failed":
      return seen(false, `the script could not be started: ${outcome.why}`);
  }
}
