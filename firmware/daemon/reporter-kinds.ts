import type { ReporterKind } from "#telemetry/reporter.ts";

/** Everybody who can be told outside, in the order of their start. */
export const reporterKinds: readonly ReporterKind[] = [];
