/** Light or dark: what the reader chose on this device, else what the device prefers. */
import { computed, effect, signal } from "@preact/signals";

export type Theme = "light" | "dark";

const KEY = "flexspoke-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const preferred = signal<Theme>(dark.matches ? "dark" : "light");
const chosen = signal<Theme | undefined>(remembered());

/** What is shown. */
export const theme = computed<Theme>(() => chosen.value ?? preferred.value);

/** Applies it from now on. Call it once. */
export function followTheme(): void {
  dark.addEventListener("change", () => {
    preferred.value = dark.matches ? "dark" : "light";
  });
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
  });
}

/** Changes to the other one; back to what the device prefers is no choice any more. */
export function changeTheme(): void {
  const other = theme.value === "dark" ? "light" : "dark";
  chosen.value = other === preferred.value ? undefined : other;
  try {
    if (chosen.value) localStorage.setItem(KEY, chosen.value);
    else localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing forgets the choice with the page.
  }
}

function remembered(): Theme | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : undefined;
  } catch {
    return undefined;
  }
}
