/** The buttons for a client; what cuts or moves traffic asks first. */
import { useRef, useState } from "preact/hooks";
import type { ClientState } from "#state/document.ts";
import { type Action, actions, perform } from "../actions.ts";
import { user } from "../live.ts";

/** What makes sense for a client as it is now, the likeliest first. */
export function actionsFor(client: ClientState): readonly Action[] {
  if (client.state === "idle") return [actions.connect];
  if (client.state !== "up") return [actions.clear, actions.disconnect];
  const canSwitch = client.standby?.state === "ready";
  return [
    ...(canSwitch ? [actions.switch] : []),
    actions.rekeyChild,
    actions.rekeyIke,
    actions.clear,
    actions.disconnect,
  ];
}

export function ActionButton({
  client,
  action,
  disabled,
}: {
  readonly client: string;
  readonly action: Action;
  readonly disabled?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setBusy] = useState(false);
  const run = (): void => {
    dialog.current?.close();
    setBusy(true);
    void perform(client, action).finally(() => setBusy(false));
  };
  const isCutting = action.warning !== undefined;
  const kind = action.path === "disconnect" ? "button button-bad" : "button";
  return (
    <>
      <button
        type="button"
        class={kind}
        title={action.explains}
        disabled={disabled || isBusy}
        onClick={() => (isCutting ? dialog.current?.showModal() : run())}
      >
        {isBusy ? "…" : action.label}
      </button>
      {isCutting && (
        <dialog ref={dialog} class="dialog" aria-label={`${action.label}: ${client}`}>
          <h2>
            {action.label}: {client}?
          </h2>
          <p>{action.explains}</p>
          <p class="dialog-warning">{action.warning}</p>
          <div class="dialog-buttons">
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              Leave it as it is
            </button>
            <button type="button" class="button button-strong" onClick={run}>
              {action.label}
            </button>
          </div>
        </dialog>
      )}
    </>
  );
}

/** All that can be asked of a client now. */
export function ClientActions({
  name,
  client,
}: {
  readonly name: string;
  readonly client: ClientState;
}) {
  if (user.value === null)
    return (
      <p class="hint">
        This page may only be read here. <code>flexspoke passwd</code> on the router makes a login
        with which it can do more.
      </p>
    );
  return (
    <fieldset class="actions">
      <legend class="hidden">What {name} can be asked for</legend>
      {actionsFor(client).map((action) => (
        <ActionButton key={action.label} client={name} action={action} />
      ))}
    </fieldset>
  );
}
