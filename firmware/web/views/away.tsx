/** What is shown when the router does not answer. */
import { awaySince, contact, look, now, state } from "../live.ts";
import { age } from "../model/words.ts";
import { Icon, Logo } from "../parts/icons.tsx";

/** Nothing is known yet. */
export function AwayView({ isStarting }: { readonly isStarting: boolean }) {
  document.title = isStarting ? "FlexSpoke" : "No contact · FlexSpoke";
  return (
    <main class="alone" aria-labelledby="title">
      <Logo />
      <h1 id="title" tabIndex={-1}>
        {isStarting ? "One moment" : "The router does not answer"}
      </h1>
      {isStarting ? (
        <p class="muted" role="status">
          Asking the router how things stand.
        </p>
      ) : (
        <>
          <p role="status">
            This page reaches the router, but the daemon that answers its questions does not, or the
            way to it is cut. It is asked again every few seconds.
          </p>
          <ul class="alone-hints">
            <li>The daemon may be starting anew: that takes a few seconds.</li>
            <li>
              On the router, <code>flexspoke show version</code> tells whether it runs.
            </li>
            <li>Is this device still on the router's LAN?</li>
          </ul>
          <button type="button" class="button button-strong" onClick={() => void look()}>
            Ask now
          </button>
        </>
      )}
    </main>
  );
}

/** Something is known, but it is not of now. */
export function AwayBanner() {
  if (contact.value !== "away") return null;
  // The clock of the page ticks: read it so that the banner does.
  void now.value;
  const seconds = (Date.now() - awaySince.value) / 1_000;
  const hostname = state.value?.hostname ?? "The router";
  return (
    <div class="banner tone-bad" role="alert">
      <Icon name="warning" />
      <p>
        <b>{hostname} does not answer.</b> What you see is {age(seconds)} old. The tunnel itself may
        well be up: the kernel carries it on without the daemon. This page looks again by itself.
      </p>
    </div>
  );
}
