/** The frame of the page: where one is, where one can go, and how things stand with the router. */
import { contact, state } from "./live.ts";
import { glanceAtBranch } from "./model/glance.ts";
import { Announcer } from "./parts/announcer.tsx";
import { Navigation } from "./parts/navigation.tsx";
import { NoticeBar } from "./parts/notice-bar.tsx";
import { TrialBanner } from "./parts/trial-banner.tsx";
import { route } from "./router.ts";
import { AwayBanner, AwayView } from "./views/away.tsx";
import { ConnectionView } from "./views/connection.tsx";
import { DiagnoseView } from "./views/diagnose.tsx";
import { LinesView } from "./views/lines.tsx";
import { LoginView } from "./views/login.tsx";
import { OverviewView } from "./views/overview.tsx";
import { ProbesView } from "./views/probes.tsx";
import { SystemView } from "./views/system.tsx";
import { TimelineView } from "./views/timeline.tsx";
import { TracksView } from "./views/tracks.tsx";
import type { View } from "./views.ts";

const shown: Readonly<Record<View, () => unknown>> = {
  overview: OverviewView,
  connection: ConnectionView,
  tracks: TracksView,
  probes: ProbesView,
  lines: LinesView,
  timeline: TimelineView,
  diagnose: DiagnoseView,
  system: SystemView,
};

export function App() {
  const known = state.value;
  if (contact.value === "login") return <LoginView />;
  if (!known) return <AwayView isStarting={contact.value === "starting"} />;
  const { tone, headline } = glanceAtBranch(known);
  document.title = `${headline} · ${known.hostname}`;
  const Shown = shown[route.value.view] as () => preact.JSX.Element;
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <Navigation hostname={known.hostname} tone={tone} />
      <main
        class={contact.value === "there" ? "main" : "main stale"}
        aria-labelledby="title"
        data-view={route.value.view}
      >
        <AwayBanner />
        <TrialBanner />
        <Shown />
      </main>
      <NoticeBar />
      <Announcer />
    </div>
  );
}

/** Past the navigation. A link would have to change the address, which names the view. */
function skip(): void {
  document.getElementById("title")?.focus();
}
