/** Every rule, by theme in the order of the manual. */
import type { Rule } from "./rule.ts";
import { authenticationRules } from "./rules/authentication.ts";
import { certificateRules } from "./rules/certificates.ts";
import { childRules } from "./rules/child.ts";
import { nameRules } from "./rules/names.ts";
import { pathRules } from "./rules/path.ts";
import { proposalRules } from "./rules/proposals.ts";
import { sessionEndRules } from "./rules/session-end.ts";

export const rules: readonly Rule[] = [
  ...nameRules,
  ...pathRules,
  ...proposalRules,
  ...authenticationRules,
  ...certificateRules,
  ...childRules,
  ...sessionEndRules,
];
