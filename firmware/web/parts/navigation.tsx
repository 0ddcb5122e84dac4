/** The ways through the page: beside it on a desk, beneath it on a phone. */
import { contact, logOut, user } from "../live.ts";
import type { Tone } from "../model/glance.ts";
import { linkTo, route } from "../router.ts";
import { changeTheme, theme } from "../theme.ts";
import type { View } from "../views.ts";
import { Icon, type IconName, Logo } from "./icons.tsx";

interface Place {
  readonly view: View;
  readonly label: string;
  readonly icon: IconName;
}

const places: readonly Place[] = [
  { view: "overview", label: "Overview", icon: "overview" },
  { view: "timeline", label: "Timeline", icon: "timeline" },
  { view: "connection", label: "Connection", icon: "connection" },
  { view: "tracks", label: "Tracks", icon: "tracks" },
  { view: "probes", label: "Probes", icon: "probes" },
  { view: "lines", label: "Lines", icon: "lines" },
  { view: "diagnose", label: "Diagnose", icon: "diagnose" },
  { view: "system", label: "System", icon: "system" },
];
/** On a phone there is room for so many; the others are behind "More". */
const ON_PHONE = 4;

export function Navigation({ hostname, tone }: { readonly hostname: string; readonly tone: Tone }) {
  return (
    <>
      <header class="top">
        <a class="brand" href={linkTo("overview")}>
          <Logo />
          <span class="brand-name">
            <b>{hostname}</b>
            <small>FlexSpoke</small>
            <span class="hidden">, to the overview</span>
          </span>
          <span class={`lamp tone-${tone}`} />
        </a>
        <nav class="nav nav-desk" aria-label="Views">
          <Links of={places} />
        </nav>
        <div class="top-end">
          <Live />
          <ThemeButton />
          <LeaveButton />
        </div>
      </header>
      <nav class="nav nav-phone" aria-label="Views">
        <Links of={places.slice(0, ON_PHONE)} />
        <button
          type="button"
          class={places.slice(ON_PHONE).some(isHere) ? "nav-link nav-here" : "nav-link"}
          popovertarget="more"
        >
          <Icon name="more" />
          More
        </button>
      </nav>
      <div id="more" class="more" popover="auto">
        <nav aria-label="More views">
          <Links of={places.slice(ON_PHONE)} onGo={closeMore} />
        </nav>
        <div class="more-end">
          <ThemeButton />
          <LeaveButton />
        </div>
      </div>
    </>
  );
}

const isHere = ({ view }: Place): boolean => route.value.view === view;

function closeMore(): void {
  document.getElementById("more")?.hidePopover();
}

function Links({ of, onGo }: { readonly of: readonly Place[]; readonly onGo?: () => void }) {
  return (
    <>
      {of.map((place) => (
        <a
          key={place.view}
          class={isHere(place) ? "nav-link nav-here" : "nav-link"}
          href={linkTo(place.view)}
          aria-current={isHere(place) ? "page" : undefined}
          {...(onGo ? { onClick: onGo } : {})}
        >
          <Icon name={place.icon} />
          {place.label}
        </a>
      ))}
    </>
  );
}

function Live() {
  const isThere = contact.value === "there";
  return (
    <span class={`live tone-${isThere ? "good" : "bad"}`}>
      <span class="live-dot" />
      {isThere ? "Live" : "No contact"}
    </span>
  );
}

function ThemeButton() {
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <button type="button" class="icon-button" onClick={changeTheme}>
      <Icon name={other === "dark" ? "moon" : "sun"} />
      {other === "dark" ? "Dark theme" : "Light theme"}
    </button>
  );
}

function LeaveButton() {
  if (typeof user.value !== "string") return null;
  return (
    <button type="button" class="icon-button" onClick={() => void logOut()}>
      <Icon name="leave" />
      Log out {user.value}
    </button>
  );
}
