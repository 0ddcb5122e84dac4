/** Which view is shown: the part of the address behind `#/`, so that it can be kept, sent and gone back to. */
import { signal } from "@preact/signals";
import { type View, views } from "./views.ts";

export interface Route {
  readonly view: View;
  /** Client or probe that the view is about, when the address names one. */
  readonly name: string | undefined;
}

export const route = signal<Route>({ view: "overview", name: undefined });

/** Follows the address from now on. Call it once. */
export function followAddress(): void {
  const read = (): void => {
    const [view, name] = location.hash.replace(/^#\/?/, "").split("/");
    const known = views.find((one) => one === view) ?? "overview";
    const wanted = name ? decoded(name) : undefined;
    const isOther = known !== route.value.view;
    route.value = { view: known, name: wanted };
    // A reader with a screen reader or a keyboard begins at the top of what is new.
    if (isOther) requestAnimationFrame(arrive);
  };
  addEventListener("hashchange", read);
  read();
}

/** The address of a view. */
export function linkTo(view: string, name?: string): string {
  return name === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(name)}`;
}

function arrive(): void {
  scrollTo(0, 0);
  document.getElementById("title")?.focus({ preventScroll: true });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
