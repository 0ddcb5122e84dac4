/** The product's version, put in by the bundler; a checkout run from its sources has none. */
declare const FLEXSPOKE_VERSION: string | undefined;

export const version = typeof FLEXSPOKE_VERSION === "string" ? FLEXSPOKE_VERSION : "development";
