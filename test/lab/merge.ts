/** Any nested settings: sections with values in them. */
export interface Settings {
  readonly [key: string]: unknown;
}

/** Both together; `over` wins, sections are merged, lists replaced. `undefined` takes a key away. */
export function mergeSettings(base: Settings, over: Settings): Settings {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isSection(old) && isSection(value) ? mergeSettings(old, value) : value;
  }
  return merged;
}

function isSection(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
