import type { WallClock } from "#lib/duration.ts";

/** The product's version, put in by the bundler; a checkout run from its sources has none. */
declare const FLEXSPOKE_VERSION: string | undefined;

export const version = typeof FLEXSPOKE_VERSION === "string" ? FLEXSPOKE_VERSION : "development";

/** No clock of a machine that runs this can be before it; moved forward with each release. */
export const softwareMade = Date.UTC(2026, 10, 1) as WallClock;
