/** A story that took a hundred attempts is read by its beginning and its end. */
import type { StoryStep } from "./story.ts";

export interface ShownSteps {
  readonly first: readonly StoryStep[];
  /** How many between the two are left out. */
  readonly leftOut: number;
  readonly last: readonly StoryStep[];
}

/** At most `most` steps of a story, the middle left out. */
export function shownSteps(steps: readonly StoryStep[], most: number): ShownSteps {
  if (steps.length <= most) return { first: steps, leftOut: 0, last: [] };
  const half = Math.floor(most / 2);
  return {
    first: steps.slice(0, half),
    leftOut: steps.length - 2 * half,
    last: steps.slice(-half),
  };
}
