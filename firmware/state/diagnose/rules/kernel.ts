/** This machine can't do what a tunnel needs: rights, modules, programs, ports. */
import { type Case, eventEvidence } from "../case.ts";
import type { Evidence } from "../diagnosis.ts";
import type { MachineFault } from "../evidence.ts";
import { fromFailure } from "../from-failure.ts";
import type { Found, Rule } from "../rule.ts";

const theme = "this machine";
const FIREWALL = /firewall|\bnft\b/;

export const kernelRules: readonly Rule[] = [
  fault({
    code: "permission-missing",
    fault: "The daemon lacks the right to change the network",
    shownBy: "the capabilities of the process, or EPERM from the kernel",
    remedy: "Run it as root, or give its unit CAP_NET_ADMIN and CAP_NET_BIND_SERVICE",
    is: ({ code }) => code === "kernel.permission" || code === "socket.permission",
    says: ({ what }) => `The daemon may not do what it has to: ${what}.`,
    explains: ["kernel-module-missing", "firewall-refused", "kernel-refused"],
  }),
  fault({
    code: "kernel-module-missing",
    fault: "The kernel lacks a module",
    shownBy: "the modules and algorithms of the kernel, or its refusal",
    remedy: "Load the module, or use a kernel that has it",
    is: ({ code }) => code === "kernel.module-missing" || code === "socket.kernel-lacks",
    says: ({ what }) => `The kernel of this branch can't do what the tunnel needs: ${what}.`,
    explains: ["sa-not-installed", "firewall-refused", "kernel-refused"],
  }),
  fault({
    code: "firewall-refused",
    fault: "The firewall rules of the tunnel can't be set",
    shownBy: "what nft says to our transaction, or that it is not there",
    remedy: "Install nftables; see what of its own the machine has in the way",
    is: ({ code, what }) =>
      FIREWALL.test(what) && ["kernel.rejected", "kernel.program-missing"].includes(code),
    says: ({ what }) =>
      `The firewall refuses the rules of this client, so its LAN is neither translated nor guarded: ${what}.`,
    explains: [],
  }),
  fault({
    code: "kernel-refused",
    fault: "The kernel refuses an interface, address, route or SA of the tunnel",
    shownBy: "the kernel's answer",
    remedy: "Remove what is in the way; the answer says what",
    is: ({ code, what }) =>
      [
        "kernel.conflict",
        "kernel.rejected",
        "kernel.overflow",
        "kernel.interface-missing",
      ].includes(code) && !FIREWALL.test(what),
    says: ({ what }) => `The kernel of this branch refuses a part of the tunnel: ${what}.`,
    explains: [],
  }),
  fromFailure({
    code: "port-taken",
    theme,
    consequence: "blocks",
    fault: "Another IKE daemon holds UDP port 500 or 4500",
    shownBy: "EADDRINUSE for our socket, and who holds the port",
    remedy: "Stop that program and keep it from starting",
    reasons: ["socket.address-in-use"],
    words: ({ event }) => ({
      explanation: `Only one program can speak IKE on an address, and another one does: ${reasonIn(event.message)}.`,
      remedy:
        "On this branch: stop that program and keep it from starting (`systemctl disable --now strongswan`, for example), then " +
        "connect again.",
    }),
  }),
  {
    code: "kernel-setting",
    theme,
    consequence: "degrades",
    fault: "A setting of the kernel keeps packets from passing",
    shownBy: "forwarding switched off, or strict reverse path filtering with several uplinks",
    remedy: "Set it as the finding says, and in /etc/sysctl.d",
    find: (given) => {
      const notices = given.evidence.machine.settings;
      const [first] = notices;
      if (!first) return undefined;
      return {
        certainty: "likely",
        when: "now",
        explanation: `${capital(first.what)}.`,
        remedy: `On this branch: ${notices.map(({ remedy }) => remedy).join("; ")}.`,
        evidence: notices.map(({ what }) => ({ kind: "kernel", text: what })),
      };
    },
  },
  {
    code: "lan-not-forwarded",
    theme,
    consequence: "degrades",
    fault: "The machine's own firewall does not let the LAN through",
    shownBy:
      "a chain of another table at the forward hook whose policy is drop and that names neither LAN nor tunnel",
    remedy: "Accept forwarding between the LAN and the tunnel in that firewall",
    find: (given) => {
      const { machine, configuration } = given.evidence;
      const chains = machine.droppingForwardChains;
      if (!given.isUp || chains.length === 0 || configuration.inside.length === 0) return undefined;
      const lan = configuration.inside.join(", ");
      const isQuiet = given.traffic !== undefined && given.traffic.packetsOut === 0;
      return {
        certainty: isQuiet ? "likely" : "possible",
        when: "now",
        explanation:
          `The firewall of this machine drops what is forwarded and nothing lets through (${chains.join(", ")}), and none of its ` +
          `rules names ${lan} or ${given.client.tunnel}: hosts of the LAN may not reach the tunnel.`,
        remedy:
          `On this branch: accept forwarding from ${lan} to ${given.client.tunnel} and back in that firewall (OpenWrt: put the tunnel ` +
          "into a zone and allow forwarding from lan).",
        evidence: chains.map((chain) => ({ kind: "kernel", text: `chain ${chain}: policy drop` })),
      };
    },
  },
];

/** A fault that the machine told at start, or that the kernel told when something was asked of it for this client. */
function fault(given: {
  readonly code: string;
  readonly fault: string;
  readonly shownBy: string;
  readonly remedy: string;
  readonly is: (fault: MachineFault) => boolean;
  readonly says: (fault: MachineFault) => string;
  readonly explains: readonly string[];
}): Rule {
  const { code, is, says, explains, ...words } = given;
  return {
    ...words,
    code,
    theme,
    consequence: "blocks",
    explains,
    find: (of): Found | undefined => {
      const found = faultsOf(of).filter(({ fault: each }) => is(each));
      const [first] = found;
      if (!first) return undefined;
      return {
        certainty: "certain",
        when: "now",
        ...(of.isUp && { consequence: "degrades" }),
        explanation: says(first.fault),
        remedy: `On this branch: ${first.fault.remedy}.`,
        evidence: found.map(({ evidence }) => evidence),
      };
    },
  };
}

interface ToldFault {
  readonly fault: MachineFault;
  readonly evidence: Evidence;
}

/** The client's own first: they are what is felt. */
function faultsOf(given: Case): readonly ToldFault[] {
  const { client, events, evidence } = given;
  const begun = events.findLast(({ mnemonic }) => NEW_PAGE.has(mnemonic))?.id ?? 0;
  const own = events
    .filter(({ id, mnemonic }) => id > begun && mnemonic === FAULT)
    .map((event) => ({
      fault: faultIn(event.message, event.data),
      evidence: eventEvidence(event),
    }));
  const machine = evidence.machine.faults.map(
    (each): ToldFault => ({
      fault: each,
      evidence: { kind: "kernel", text: each.what },
    }),
  );
  const refused = given.failures
    .filter(({ code, when }) => when === "now" && code.startsWith("socket."))
    .map(({ event }) => ({
      fault: faultIn(event.message, event.data),
      evidence: eventEvidence(event),
    }));
  // A fault of the machine may be told once, by the machine; it is then only the client's reason.
  const reason =
    client["reason-code"]?.startsWith("kernel.") && own.length + machine.length === 0
      ? [
          {
            fault: faultIn(client.reason, { "reason-code": client["reason-code"] }),
            evidence: { kind: "kernel", text: client.reason } as const,
          },
        ]
      : [];
  return [...own.reverse(), ...refused, ...reason, ...machine];
}

/** `hq: what; remedy`, as `client-events.ts` words it. */
function faultIn(message: string, data: Readonly<Record<string, unknown>>): MachineFault {
  const [what = message, ...remedy] = reasonIn(message, true).split("; ");
  return {
    code: String(data["reason-code"]),
    what,
    remedy: remedy.join("; ") || "see the kernel log",
  };
}

/** The sentence without the client and the peer in front. */
function reasonIn(message: string, isWhole = false): string {
  const text = message.replace(/^[\w-]+: (?:.* can't be reached: )?/, "");
  return isWhole ? text : (text.split("; ")[0] ?? text);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const FAULT = "FLEXSPOKE-3-KERNEL_FAULT";
const NEW_PAGE: ReadonlySet<string> = new Set(["FLEXSPOKE-5-CLIENT_CHANGED"]);
