/** Every rule, by theme in the order of the manual. */
import type { Rule } from "./rule.ts";
import { authenticationRules } from "./rules/authentication.ts";
import { backupRules } from "./rules/backup.ts";
import { certificateRules } from "./rules/certificates.ts";
import { childRules } from "./rules/child.ts";
import { clockRules } from "./rules/clock.ts";
import { configurationRules } from "./rules/configuration.ts";
import { dialerRules } from "./rules/dialers.ts";
import { interfaceRules } from "./rules/interfaces.ts";
import { kernelRules } from "./rules/kernel.ts";
import { nameRules } from "./rules/names.ts";
import { operatorRules } from "./rules/operator.ts";
import { pathRules } from "./rules/path.ts";
import { proposalRules } from "./rules/proposals.ts";
import { sessionEndRules } from "./rules/session-end.ts";
import { trackRules } from "./rules/tracks.ts";
import { trafficRules } from "./rules/traffic.ts";

export const rules: readonly Rule[] = [
  ...operatorRules,
  ...configurationRules,
  ...kernelRules,
  ...interfaceRules,
  ...dialerRules,
  ...nameRules,
  ...trackRules,
  ...pathRules,
  ...proposalRules,
  ...authenticationRules,
  ...certificateRules,
  ...clockRules,
  ...childRules,
  ...sessionEndRules,
  ...trafficRules,
  ...backupRules,
];
