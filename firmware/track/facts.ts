/**
 * All that is known of the world, whether an object asks for it or not, and the judgement of an object on it. The facts
 * outlive the configuration, so that a new object is judged at once.
 */
import type { ResolvedTrack, TrackState } from "#config/resolved-track.ts";
import { formatDuration } from "#lib/duration.ts";
import type { Prefix } from "#lib/ip.ts";
import type { SlaReturnCode } from "#sla/return-code.ts";
import { judgeBoolean } from "./boolean.ts";
import type { ScriptOutcome } from "./inputs.ts";
import { type InterfaceFact, judgeInterface } from "./interface.ts";
import type { Members } from "./members.ts";
import { judgeRoute, type PrefixFact } from "./route.ts";
import { judgeScript } from "./script.ts";
import { judgeSla } from "./sla.ts";
import { judgePercentage, judgeWeight } from "./threshold.ts";
import { seen, type Verdict } from "./verdict.ts";

/** A stub object's state and who gave it. */
export interface StubFact {
  readonly state: TrackState;
  readonly by: string;
}

export class Facts {
  readonly interfaces = new Map<string, InterfaceFact>();
  readonly prefixes = new Map<Prefix, PrefixFact>();
  /** Return codes by operation. */
  readonly operations = new Map<string, SlaReturnCode>();
  /** By object. */
  readonly stubs = new Map<string, StubFact>();
  /** How the last run of an object's script ended. */
  readonly scripts = new Map<string, ScriptOutcome>();

  /** @param wasUp the last judgement, for those that have a band in which nothing changes. */
  judge({ name, test }: ResolvedTrack, members: Members, wasUp: boolean): Verdict {
    switch (test.kind) {
      case "interface":
        return judgeInterface(test, this.interfaces.get(test.interface));
      case "route":
        return judgeRoute(test, this.prefixes.get(test.prefix), wasUp);
      case "sla":
        return judgeSla(test, this.operations.get(test.operation));
      case "boolean":
        return judgeBoolean(test.expression, members);
      case "weight":
        return judgeWeight(test, members, wasUp);
      case "percentage":
        return judgePercentage(test, members, wasUp);
      case "stub": {
        const set = this.stubs.get(name);
        return set
          ? seen(set.state === "up", `set ${set.state} by ${set.by}`)
          : seen(test.initial === "up", `${test.initial} by default, nobody has set it`);
      }
      case "script":
        return judgeScript(this.scripts.get(name), formatDuration(test.timeout));
    }
  }

  /** Forgets what was said of an object that is gone or another one now. */
  forget(object: string): void {
    this.stubs.delete(object);
    this.scripts.delete(object);
  }
}
