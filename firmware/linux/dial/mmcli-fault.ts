/** What mmcli complains of, in plain words. Pure. Source: mmcli(1), ModemManager 1.20 error domains */
import type { LineEnd } from "#dial/line.ts";

/** @param complaint what it wrote, all lines. */
export function mmcliFault(complaint: string): LineEnd {
  const known = FAULTS.find(({ text }) => text.test(complaint));
  if (known) return known.end;
  // `error: couldn't connect the modem: 'GDBus.Error:org.freedesktop.ModemManager1.Error.X.Y: words'`
  const words =
    /Error\.[\w.]+: (.*?)'?\s*$/m.exec(complaint)?.[1] ?? complaint.trim().split("\n").at(-1);
  return {
    code: "dial.modem-refused",
    message: `ModemManager: ${words === undefined || words === "" ? "no reason given" : words}`,
    remedy: "`mmcli -m any` shows the modem",
  };
}

const reception = "look at the reception and at the account of the SIM";

const FAULTS: readonly { readonly text: RegExp; readonly end: LineEnd }[] = [
  {
    text: /couldn't find modem|no modems? (was |were )?found|modem not found/i,
    end: {
      code: "dial.no-modem",
      message: "ModemManager knows no such modem",
      remedy: "look at the modem, its power and its cable; `mmcli -L` lists what there is",
      isModemFault: true,
    },
  },
  {
    text: /couldn't (create|get|find) (the )?(manager|bus)|ServiceUnknown|not (owned|found) in bus|was not provided by any/i,
    end: {
      code: "dial.no-modem-manager",
      message: "ModemManager does not run",
      remedy: "start the service ModemManager",
      isModemFault: false,
    },
  },
  {
    text: /Timeout was reached|timed out|Core\.Timeout|SerialTimeout/i,
    end: {
      code: "dial.modem-silent",
      message: "the modem does not answer ModemManager",
      remedy: "it is reset; if that does not help, disconnect its power",
      isModemFault: true,
    },
  },
  {
    text: /SimPin\b|SIM-PIN|sim-pin|SimPuk|device is locked|modem is locked/,
    end: {
      code: "dial.sim-locked",
      message: "the SIM asks for a PIN",
      remedy: "unlock it, and switch the PIN off: mmcli -i any --pin=… --disable-pin",
      isModemFault: false,
    },
  },
  {
    text: /SimNotInserted|sim-missing|SIM not inserted/i,
    end: {
      code: "dial.no-sim",
      message: "there is no SIM in the modem",
      remedy: "put one in",
      isModemFault: false,
    },
  },
  {
    text: /ServiceOptionNotSubscribed|UserAuthenticationFailed|[Uu]nauthorized|MissingOrUnknownApn|UnknownApn/,
    end: {
      code: "dial.authentication-failed",
      message: "authentication failed: the provider refused the access point name or the account",
      remedy: "compare apn with what the provider gave out",
      isModemFault: false,
    },
  },
  {
    text: /NoNetwork|not registered|NetworkTimeout|no network service|Network timeout/i,
    end: { code: "dial.no-network", message: "the modem finds no network", remedy: reception },
  },
];
