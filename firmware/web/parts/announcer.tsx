import { useEffect, useRef, useState } from "preact/hooks";
import { state } from "../live.ts";
import { glanceAt } from "../model/glance.ts";

/** Says to screen readers when a client changes between connected and not, or its peer; nothing at the start. */
export function Announcer() {
  const before = useRef<string>(undefined);
  const [text, setText] = useState("");
  const sentence = Object.entries(state.value?.clients ?? {})
    .map(([name, client]) => {
      const through = client.state === "up" && client.peer ? ` through ${client.peer.host}` : "";
      return `${name} ${glanceAt(client).verb}${through}.`;
    })
    .join(" ");
  useEffect(() => {
    if (before.current !== undefined && before.current !== sentence) setText(sentence);
    before.current = sentence;
  }, [sentence]);
  return (
    <p class="hidden" role="status">
      {text}
    </p>
  );
}
