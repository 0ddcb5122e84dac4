/** The system of the appliance: what is in its slots, how an update goes, and the buttons for it. */
import { useRef, useState } from "preact/hooks";
import type { UpdateState } from "#state/document-update.ts";
import { tell } from "../actions.ts";
import { type Answer, call, send } from "../api-calls.ts";
import { look, user } from "../live.ts";
import { byteCount, percent } from "../model/words.ts";
import { Badge, Card, Facts, Time, Until } from "./basics.tsx";

const outcomes = {
  kept: ["good", "kept"],
  "rolled-back": ["bad", "rolled back"],
  refused: ["bad", "refused"],
} as const;

export function UpdateCard({ of }: { readonly of: UpdateState }) {
  const { board, slot, version, built, other, last } = of;
  const idle = slot === "A" ? "B" : "A";
  return (
    <Card title="System on the card">
      <Facts
        of={[
          ["Board", board],
          [
            `Slot ${slot}, runs`,
            <span key="runs">
              {version}, built <Time at={built} />
            </span>,
          ],
          [`Slot ${idle}`, other ? other.version : "nothing whole"],
          [
            "Last update",
            last && (
              <span>
                {last.version}{" "}
                <Badge tone={outcomes[last.outcome][0]}>{outcomes[last.outcome][1]}</Badge>{" "}
                <Time at={last.at} />: {last.reason}
              </span>
            ),
          ],
        ]}
      />
      <Progress of={of} />
      {user.value !== null && <Buttons of={of} />}
    </Card>
  );
}

/** What is being done now, with a bar while something is written. */
function Progress({ of: { phase, incoming, trial, other } }: { readonly of: UpdateState }) {
  if (incoming) {
    const { step, version, done, total } = incoming;
    const share = done / Math.max(1, total);
    const what = step === "writing" ? `Writing ${version}` : `Reading ${version} back`;
    return (
      <p class="progress" role="status">
        <label>
          {what}: {percent(share)} of {byteCount(total)}
          <progress value={share} max={1} />
        </label>
      </p>
    );
  }
  if (phase === "armed") return <p class="hint">The next start tries {other?.version}.</p>;
  if (phase === "restarting") return <p class="hint">The router restarts.</p>;
  if (!trial) return null;
  const end = trial["ends-at"];
  return (
    <p class="hint" role="status">
      This system is on trial.{" "}
      {trial.lacking.length > 0
        ? `It waits for ${trial.lacking.join(", ")} to come up again`
        : "It must go on working"}
      {end ? (
        <>
          {" "}
          (its time ends <Until at={end} />)
        </>
      ) : (
        " (no link works: that time does not count)"
      )}
      , else {trial.from} comes back.
    </p>
  );
}

function Buttons({ of: { phase, other } }: { readonly of: UpdateState }) {
  const file = useRef<HTMLInputElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const [isSending, setSending] = useState(false);
  const install = (): void => {
    const [bundle] = file.current?.files ?? [];
    if (!bundle) return;
    setSending(true);
    void send("/update", bundle)
      .then((answer) => said(answer, "The update is installed, the router restarts to try it."))
      .finally(() => setSending(false));
  };
  const ask = (what: string, done: string): void => {
    dialog.current?.close();
    void call(`/update/${what}`, "POST", {}).then((answer) => said(answer, done));
  };
  const isFree = (phase === "idle" || phase === "armed") && !isSending;
  const canGoBack = phase === "trial" || (isFree && other !== undefined);
  return (
    <fieldset class="actions update-actions">
      <legend class="hidden">What can be done with the system</legend>
      <label class={isFree ? "button" : "button button-off"}>
        {isSending ? "Sending…" : "Install an update"}
        <input
          ref={file}
          type="file"
          accept=".fsu"
          class="hidden"
          disabled={!isFree}
          onChange={install}
        />
      </label>
      {phase === "trial" && (
        <button type="button" class="button" onClick={() => ask("keep", "The system stays.")}>
          Keep it
        </button>
      )}
      <button
        type="button"
        class="button button-bad"
        disabled={!canGoBack}
        onClick={() => dialog.current?.showModal()}
      >
        {phase === "armed" ? "Call it off" : "Roll back"}
      </button>
      <dialog ref={dialog} class="dialog" aria-label="Roll back">
        <h2>{phase === "armed" ? "Call the update off?" : "Go back to the other system?"}</h2>
        <p class="dialog-warning">
          {phase === "armed"
            ? "The next start is the system that runs now."
            : "The router restarts: there is no tunnel until it is back."}
        </p>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Leave it as it is
          </button>
          <button
            type="button"
            class="button button-strong"
            onClick={() => ask("rollback", "It is done.")}
          >
            {phase === "armed" ? "Call it off" : "Roll back"}
          </button>
        </div>
      </dialog>
    </fieldset>
  );
}

async function said(answer: Answer<unknown>, done: string): Promise<void> {
  if (answer.is === "ok") tell({ tone: "good", text: done });
  else if (answer.is === "refused") tell({ tone: "bad", text: answer.message });
  else if (answer.is === "away") tell({ tone: "bad", text: "The router can't be reached." });
  else tell({ tone: "wait", text: "Log in again to do this." });
  await look();
}
