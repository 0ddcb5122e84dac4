/** Where a client leaves by, and whose traffic it takes. IOS: source, client inside, tunnel source, ip nat inside */
import { interfaceNameOf } from "./interface-name.ts";
import { idOf, type Section, valueIn } from "./read-sections.ts";
import { demandAlways, translateDialer } from "./translate-dialers.ts";
import { insideInterfaces, natRules } from "./translate-nat.ts";
import { interfaceWith } from "./translate-sla.ts";
import { trackReference } from "./translate-tracks.ts";
import { lineOf, linesOf, type Work } from "./work.ts";

/** The sections that speak of one client. */
export interface ClientLines {
  /** Undefined for a tunnel that is its own client. */
  readonly client: Section | undefined;
  readonly tunnel: Section;
}

interface Source {
  readonly seq?: number;
  readonly interface: string;
  readonly track?: number;
}

/** The sources of a client, and the dialer that brings up the last of them. */
export function sourcesOf(
  work: Work,
  { client, tunnel }: ClientLines,
): { readonly list: readonly Source[]; readonly dialer: string | undefined } {
  const fixed = lineOf(tunnel, "source-interface", "source-address");
  const lines = inSequence(work, linesOf(client, "source"));
  work.ledger.carried(
    ...linesOf(tunnel, "source-dynamic", "destination-dynamic", ...(client ? ["destination"] : [])),
  );
  const list: Source[] = [];
  let dialer: string | undefined;
  const add = (router: string, line: Section, more: Omit<Source, "interface">) => {
    if (/^Tunnel/.test(interfaceNameOf(router))) {
      work.ledger.left(
        line,
        "a tunnel within a tunnel is not supported: a source faces the provider",
      );
      return;
    }
    work.ledger.carried(line);
    const made = translateDialer(work, router);
    const isOwn = made !== undefined && !made.isPermanent && dialer === undefined;
    if (made && isOwn) dialer = made.name;
    else if (made) demandAlways(work, made.name);
    const name = work.names.nameOf(router);
    if (!list.some((each) => each.interface === name))
      list.push(inOrder({ ...more, interface: name }));
  };
  if (fixed) {
    const router =
      idOf(fixed) === "source-interface"
        ? valueIn(fixed, "interface")
        : interfaceWith(work, valueIn(fixed, "address"));
    if (router !== undefined) add(router, fixed, {});
    else
      work.ledger.left(
        fixed,
        "is the address of no interface here: the routing table chooses the source",
      );
    for (const line of lines)
      work.ledger.left(line, "is not used: the tunnel has a source of its own");
    return { list, dialer };
  }
  for (const line of lines) {
    const track = trackReference(work, line);
    const seq = Number(valueIn(line, "seq"));
    add(valueIn(line, "interface"), line, {
      ...(seq >= 1 && seq <= 65_535 && { seq }),
      ...(track !== undefined && { track }),
    });
  }
  return { list, dialer };
}

/** Keys as the manual has them. */
const inOrder = ({ seq, interface: name, track }: Source): Source => ({
  ...(seq !== undefined && { seq }),
  interface: name,
  ...(track !== undefined && { track }),
});

/** Inside interfaces, and whether their addresses are translated to the one that the hub assigns. */
export function insideOf(
  work: Work,
  { client, tunnel }: ClientLines,
  outside: ReadonlySet<string>,
) {
  const said = linesOf(client, "inside").map((line) => ({
    name: valueIn(line, "interface"),
    line,
  }));
  const rules = natRules(work, interfaceNameOf(valueIn(tunnel, "name")));
  const translated = rules.length > 0 ? insideInterfaces(work) : [];
  if (rules.length > 0) work.ledger.carried(lineOf(tunnel, "nat-outside"));
  const inside: string[] = [];
  for (const { name, line } of [...said, ...translated]) {
    const here = work.names.nameOf(name);
    if (outside.has(here) || /^(Tunnel|Dialer|Cellular)/.test(interfaceNameOf(name)))
      work.ledger.left(
        line,
        "a source, a tunnel or a line that is dialled can't be an inside interface",
      );
    else {
      work.ledger.carried(line);
      if (!inside.includes(here)) inside.push(here);
    }
  }
  return { ...(inside.length > 0 && { inside }), nat: inside.length > 0 ? "negotiated" : "off" };
}

/** Lines by their sequence numbers; of two with the same number the later one counts on the router. */
export function inSequence(work: Work, lines: readonly Section[]): readonly Section[] {
  const bySeq = new Map<number, Section>();
  for (const line of lines) {
    const seq = Number(valueIn(line, "seq"));
    const before = bySeq.get(seq);
    if (before) work.ledger.left(before, `is replaced by line ${line.line.number}`);
    bySeq.set(seq, line);
  }
  return [...bySeq].sort(([a], [b]) => a - b).map(([, line]) => line);
}
