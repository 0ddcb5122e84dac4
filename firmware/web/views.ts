/** The views of the page, as its address names them. */
export const views = [
  "overview",
  "connection",
  "tracks",
  "probes",
  "lines",
  "timeline",
  "diagnose",
  "system",
] as const;

export type View = (typeof views)[number];
