/** Does what the IKE engine asks for: datagrams to sockets, SAs to the kernel, news to the client machine. */
import type { IkeAction } from "#ike/actions.ts";
import type { Path } from "#ike/connection.ts";
import type { SessionId } from "#ike/inputs.ts";
import { assertNever } from "#lib/assert-never.ts";
import type { Services } from "./services.ts";

export function performIke(services: Services, action: IkeAction): void {
  const { kernel } = services;
  switch (action.kind) {
    case "send":
      // An answer may promise an SA: it must not overtake the kernel's having it.
      kernel.afterSas(() => send(services, action.session, action.path, action.bytes));
      break;
    case "send-nat-keepalive":
      services.sockets.sendKeepalive(action.session, action.path);
      break;
    case "install-sa":
      kernel.install(action.session, action.sa, services.clock.now());
      break;
    case "remove-sa":
      kernel.remove(action.spi, action.direction);
      break;
    case "move-sas":
      kernel.move(action.spis, action.path);
      break;
    case "session-authenticating":
      services.giveFlexvpn(action);
      break;
    case "session-up":
      sessionUp(services, action);
      break;
    case "session-down":
      services.sockets.release(action.session);
      services.handshakes.forget(action.session);
      services.underlays.forget(action.session);
      services.giveFlexvpn(action);
      break;
    case "event":
      services.events.record(action.event);
      break;
    default:
      assertNever(action);
  }
}

/** A datagram that can't be sent is a lost datagram: retransmission and the interface watch deal with it. */
function send(services: Services, session: SessionId, path: Path, bytes: Uint8Array): void {
  const { sockets, handshakes, clock, log } = services;
  handshakes.sent(session, clock.now());
  const fault = sockets.send(session, path, bytes);
  if (fault) log.warn(fault.what, { session, code: fault.code, remedy: fault.remedy });
}

/** What the session brought is planned by the client machine; the kernel gets it when all inputs are handled. */
function sessionUp(services: Services, action: Extract<IkeAction, { kind: "session-up" }>): void {
  const underlay = services.underlays.of(action.session);
  services.giveFlexvpn({ ...action, ...(underlay === undefined ? {} : { underlay }) });
}
