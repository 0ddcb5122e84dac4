import { notice } from "../actions.ts";
import { Icon } from "./icons.tsx";

/** What came of the last action; said to screen readers too. */
export function NoticeBar() {
  const shown = notice.value;
  return (
    <div class="notices" role="status">
      {shown && (
        <div class={`notice tone-${shown.tone}`}>
          <Icon name={shown.tone === "good" ? "check" : "warning"} />
          <span>{shown.text}</span>
          <button
            type="button"
            class="icon-button"
            aria-label="Close"
            onClick={() => {
              notice.value = undefined;
            }}
          >
            <Icon name="cross" />
          </button>
        </div>
      )}
    </div>
  );
}
