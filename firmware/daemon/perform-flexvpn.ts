/** Does what the client machine asks for: names to the resolver, sessions to IKE, plans to the kernel, memory to disk. */
import type { FlexvpnAction } from "#flexvpn/actions.ts";
import type { SessionId } from "#ike/inputs.ts";
import { assertNever } from "#lib/assert-never.ts";
import { seconds } from "#lib/duration.ts";
import { resolveName } from "#linux/dns/resolve.ts";
import type { SocketFault } from "#linux/socket/socket-fault.ts";
import { sourceAddress } from "#linux/socket/source-address.ts";
import type { Services } from "./services.ts";

type Of<Kind extends FlexvpnAction["kind"]> = Extract<FlexvpnAction, { kind: Kind }>;

/** A name server that says nothing this long counts as silent. */
const RESOLVE_TIMEOUT = seconds(5);
/** IKE begins here and moves to 4500 when there is a NAT. RFC 7296 §2.23 */
const IKE_PORT = 500;

export function performFlexvpn(services: Services, action: FlexvpnAction): void {
  switch (action.kind) {
    case "resolve":
      resolve(services, action);
      break;
    case "open-session":
      openSession(services, action);
      break;
    case "close-session":
      closeSession(services, action);
      break;
    case "dial":
      services.giveDial({ ...action, kind: "demand" });
      break;
    case "plan":
      plan(services, action);
      break;
    case "drop-plan":
      services.kernel.dropPlan(action.client);
      break;
    case "remember":
      services.learnt.remember(action.client, action);
      break;
    case "event":
      services.events.record(action.event);
      break;
    case "status-changed":
      tellOthers(services, action.client);
      services.log.debug("client changed", { client: action.client, status: action.status });
      break;
    default:
      assertNever(action);
  }
}

/** A track object may follow the client's tunnel; a new configuration may have to bring it back. */
function tellOthers({ flexvpn, giveGuard, tracks, underlays }: Services, client: string): void {
  const view = flexvpn.views().find(({ name }) => name === client);
  if (!view) return;
  tracks.clientChanged(view);
  const { status, reason, session } = view;
  const link = view.source ?? (session === undefined ? undefined : underlays.of(session)?.device);
  giveGuard({
    kind: "client-changed",
    client,
    status,
    reason,
    ...(link === undefined ? {} : { link }),
  });
}

/** A session's SAs are wanted in the kernel from the moment it carries traffic or stands by. */
function plan({ kernel, handshakes, clock, log }: Services, { intent }: Of<"plan">): void {
  kernel.plan(intent);
  const wanted = [intent.carrier?.session, intent.standby].filter((id) => id !== undefined);
  const arriving = wanted.filter((session) => handshakes.isOpen(session));
  if (arriving.length === 0) return;
  kernel.afterSas(() => {
    for (const session of arriving) {
      const took = handshakes.installed(session, clock.now());
      const milliseconds = took === undefined ? undefined : Math.round(took * 1_000) / 1_000;
      if (milliseconds !== undefined)
        log.info("Child SA is in the kernel", { session, milliseconds });
    }
  });
}

function resolve(services: Services, { id, name, family }: Of<"resolve">): void {
  void resolveName({ name, family, timeout: RESOLVE_TIMEOUT }).then((answer) => {
    if (answer.ok) return services.giveFlexvpn({ kind: "resolved", id, addresses: answer.value });
    const { code, what, remedy } = answer.error;
    services.giveFlexvpn({ kind: "resolution-failed", id, message: what, code, remedy });
  });
}

function openSession(services: Services, action: Of<"open-session">): void {
  const { session, connection, remote, source } = action;
  const address = sourceAddress(remote.address, source);
  if (!address.ok) {
    refuse(services, session, address.error);
    return;
  }
  const path = {
    local: { address: address.value, port: IKE_PORT },
    remote,
    ...(source === undefined ? {} : { source }),
  };
  const socket = services.sockets.open(session, path);
  if (!socket.ok) {
    refuse(services, session, socket.error);
    return;
  }
  services.underlays.ask(session, remote.address, source);
  services.giveIke({ kind: "initiate", session, connection, path });
}

/** The kernel comes first: a switch to another session must not wait for the farewell to the old one. */
function closeSession(services: Services, action: Of<"close-session">): void {
  const { session, reason, expectAnswer } = action;
  setImmediate(() => services.giveIke({ kind: "terminate", session, reason, expectAnswer }));
}

/** The session could not even begin: no socket, no address, no way. */
function refuse(services: Services, session: SessionId, fault: SocketFault): void {
  const { code, what, remedy, isTransient } = fault;
  const isTold = services.lacksPermission && code === "socket.permission";
  const reason = { code, message: what, remedy, isTransient, ...(isTold && { isTold }) };
  services.giveFlexvpn({ kind: "session-down", session, reason });
}
