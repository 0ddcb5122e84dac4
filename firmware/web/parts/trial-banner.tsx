import { tell } from "../actions.ts";
import { call } from "../api-calls.ts";
import { look, state, user } from "../live.ts";
import { Until } from "./basics.tsx";
import { Icon } from "./icons.tsx";

/** A changed configuration that will be undone unless it proves itself or somebody confirms it. */
export function TrialBanner() {
  const trial = state.value?.configuration?.trial;
  if (!trial) return null;
  const undone = trial["undone-at"];
  const { by, lacking } = trial;
  return (
    <div class="banner tone-wait" role="status">
      <Icon name="warning" />
      <p>
        <b>The configuration changed by {by} is on trial.</b>{" "}
        {lacking.length > 0
          ? `It waits for ${lacking.join(", ")} to come up again. `
          : "It waits to be confirmed. "}
        {undone ? (
          <>
            It is undone <Until at={undone} />.
          </>
        ) : (
          "A link is down that worked before: that time does not count."
        )}
      </p>
      {user.value !== null && (
        <button type="button" class="button" onClick={() => void confirm()}>
          Keep it
        </button>
      )}
    </div>
  );
}

async function confirm(): Promise<void> {
  const answer = await call("/configuration/confirm", "POST", {});
  if (answer.is === "ok") tell({ tone: "good", text: "The configuration is kept." });
  else if (answer.is === "refused") tell({ tone: "bad", text: answer.message });
  else tell({ tone: "bad", text: "The router can't be reached." });
  await look();
}
