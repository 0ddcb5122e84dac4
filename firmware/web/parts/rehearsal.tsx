import type { ClientState } from "#state/document.ts";
import { rehearsalMatrix } from "../model/rehearsal-matrix.ts";
import { shortTime } from "../model/words.ts";
import { Empty, Scroll, Time } from "./basics.tsx";
import { Icon } from "./icons.tsx";

/** What the last rehearsal found, as a matrix. */
export function Rehearsal({ of }: { readonly of: ClientState["rehearsal"] }) {
  if (of.results.length === 0)
    return (
      <Empty icon="diagnose" title={of.running ? "It is under way" : "Not rehearsed yet"}>
        {of.running
          ? "Each way is tried up to authentication; results appear one by one."
          : "Rehearse now, or let it happen by itself with rehearsal in the client's configuration."}
      </Empty>
    );
  const { sources, rows } = rehearsalMatrix(of.results);
  return (
    <>
      {of.running && (
        <p class="hint" role="status">
          A rehearsal is under way.
        </p>
      )}
      <Scroll label="Results of the rehearsal">
        <table class="table matrix">
          <thead>
            <tr>
              <th scope="col">Peer</th>
              {sources.map((source) => (
                <th scope="col" key={source}>
                  {source === undefined ? "by the routing table" : `from ${source}`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ host, seq, cells }) => (
              <tr key={`${seq} ${host}`}>
                <th scope="row">
                  {host} <small class="muted">seq {seq}</small>
                </th>
                {cells.map((way, index) => (
                  <td key={sources[index]} class="sentence">
                    {way === undefined ? (
                      <span class="muted">not tried</span>
                    ) : (
                      <span class={`verdict tone-${way.works ? "good" : "bad"}`}>
                        <Icon name={way.works ? "check" : "cross"} />
                        <span>
                          <b>{way.works ? "Works" : "Does not work"}</b>
                          <small>
                            {way.reason ?? `authenticated in ${shortTime(way.milliseconds)}`}
                            {" · "}
                            <Time at={way.at} />
                          </small>
                        </span>
                      </span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
