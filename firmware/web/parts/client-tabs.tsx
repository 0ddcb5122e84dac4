import type { ClientState, StateDocument } from "#state/document.ts";
import { linkTo, route } from "../router.ts";

/** The client that the address names, else the first. */
export function useClient(known: StateDocument | undefined): [string, ClientState] | undefined {
  const all = Object.entries(known?.clients ?? {});
  return all.find(([name]) => name === route.value.name) ?? all[0];
}

/** A choice between clients; nothing where there is but one. */
export function ClientTabs({
  view,
  names,
  name,
}: {
  readonly view: string;
  readonly names: readonly string[];
  readonly name: string;
}) {
  if (names.length < 2) return null;
  return (
    <nav class="tabs" aria-label="Clients">
      {names.map((one) => (
        <a
          key={one}
          href={linkTo(view, one)}
          class={one === name ? "tab tab-here" : "tab"}
          aria-current={one === name ? "true" : undefined}
        >
          {one}
        </a>
      ))}
    </nav>
  );
}
