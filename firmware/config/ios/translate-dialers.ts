/** Lines that are dialled: Dialer interfaces with PPPoE, and Cellular ones. */
import { freeName } from "./draft.ts";
import { interfaceKind, interfaceNameOf } from "./interface-name.ts";
import { idOf, type Section, sectionsOf, valueIn } from "./read-sections.ts";
import { routerSecret } from "./secret-files.ts";
import { carriedNumber, lineOf, type Work } from "./work.ts";

/** A dialer for an interface that a client leaves by. */
export interface MadeDialer {
  readonly name: string;
  /** A line that costs nothing while it is idle: it is up always. */
  readonly isPermanent: boolean;
}

/** Puts the dialer of an interface into the draft. @returns undefined for an interface that is not dialled. */
export function translateDialer(work: Work, router: string): MadeDialer | undefined {
  const canonical = interfaceNameOf(router);
  const kind = interfaceKind(canonical);
  if (kind !== "Dialer" && kind !== "Cellular") return undefined;
  const section = sectionsOf(work.roots, "interface").find(
    (each) => interfaceNameOf(valueIn(each, "name")) === canonical,
  );
  return kind === "Dialer"
    ? pppoeDialer(work, canonical, section)
    : modemDialer(work, canonical, section);
}

/** A Dialer interface, and the Ethernet interface whose pool it is in. */
function pppoeDialer(
  work: Work,
  router: string,
  section: Section | undefined,
): MadeDialer | undefined {
  const name = freeName(router, []);
  if (work.draft.dialers.has(name)) return { name, isPermanent: true };
  const pool = lineOf(section, "pool");
  const members = sectionsOf(work.roots, "interface").flatMap((owner) =>
    sectionsOf(owner.children, "pppoe", "pool-member")
      .filter((line) => pool && valueIn(line, "pool") === valueIn(pool, "pool"))
      .map((line) => ({ owner, line })),
  );
  const [member] = members;
  if (!section || !pool || !member || idOf(member.line) !== "pppoe") {
    if (section)
      work.ledger.left(
        section,
        "only PPPoE is dialled by a Dialer interface: make the line's own dialer",
      );
    return undefined;
  }
  work.ledger.carried(section, pool, member.owner, member.line);
  const interface_ = work.names.nameOf(router);
  const value = {
    pppoe: {
      interface: work.names.nameOf(valueIn(member.owner, "name")),
      ...credentials(work, name, section),
    },
    ...(interface_ === `ppp-${name}` ? {} : { interface: interface_ }),
    ...idleOf(work, section),
  };
  work.ledger.carried(lineOf(section, "persistent"));
  work.draft.dialers.set(name, { value, from: [section, member.owner], notes: [] });
  return { name, isPermanent: true };
}

function credentials(work: Work, name: string, section: Section) {
  const pap = lineOf(section, "ppp-pap");
  const [user, password] = [
    lineOf(section, "ppp-user") ?? pap,
    lineOf(section, "ppp-password") ?? pap,
  ];
  const said = user ? valueIn(user, "user") : "";
  const isUsable = /^[^\s\p{Cc}-][^\p{Cc}]*$/u.test(said);
  work.ledger.carried(user, pap);
  if (user && !isUsable) work.ledger.left(user, "is no user name that can be written here");
  const username = isUsable ? said : "unknown";
  if (!password) {
    const path = `secrets/${name}.pppoe`;
    work.secrets.ask(
      path,
      "the router has no password of the provider in its configuration",
      section.line.number,
    );
    return { username, password: { file: path } };
  }
  const secret = routerSecret(password, valueIn(password, "key"));
  if (secret.bytes) work.ledger.carried(password);
  else work.ledger.left(password, `to be typed in again (${secret.reason})`);
  return { username, password: work.secrets.place(secret, `${name}.pppoe`) };
}

/** A Cellular interface: ModemManager dials it with the access point that its controller has. */
function modemDialer(work: Work, router: string, section: Section | undefined): MadeDialer {
  const name = freeName(router.replace(/\//g, "-").toLowerCase(), []);
  if (work.draft.dialers.has(name)) return { name, isPermanent: false };
  const controller = sectionsOf(work.roots, "cellular").find(
    (each) => router === `Cellular${valueIn(each, "name")}`,
  );
  const line = lineOf(controller, "apn");
  const apn = line ? valueIn(line, "apn") : "";
  const isUsable = /^[A-Za-z0-9.-]{1,100}$/.test(apn);
  work.ledger.carried(section, controller);
  if (line && isUsable) work.ledger.carried(line);
  if (line && !isUsable) work.ledger.left(line, "is no access point name that can be written here");
  const notes = isUsable
    ? []
    : [
        "the access point (APN) stands in the modem's profile, not in the configuration: put the provider's",
      ];
  const value = {
    "modem-manager": { apn: isUsable ? apn : "internet" },
    interface: work.names.nameOf(router),
    ...idleOf(work, section),
  };
  work.draft.dialers.set(name, {
    value,
    from: [section, controller].filter((each) => each !== undefined),
    notes,
  });
  return { name, isPermanent: false };
}

function idleOf(work: Work, section: Section | undefined): { readonly idle?: string } {
  const line = lineOf(section, "idle");
  const seconds = carriedNumber(work, line, "seconds", [0, 86_400]);
  return seconds === undefined ? {} : { idle: `${seconds}s` };
}

/** The track object that is always up, so that a dialer with no client of its own is dialled. */
export function demandAlways(work: Work, dialer: string): void {
  const part = work.draft.dialers.get(dialer);
  if (!part || part.value["demand"] !== undefined) return;
  work.draft.track.set(ALWAYS, {
    value: { stub: "up" },
    from: [],
    notes: ["for lines that are dialled at all times"],
  });
  const value = { ...part.value, demand: { track: ALWAYS, state: "up" } };
  work.draft.dialers.set(dialer, { ...part, value });
}

const ALWAYS = "always";
