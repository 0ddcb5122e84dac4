/** Writes the man page, `docs/flexspoke.8`, from the commands as the parser has them. Source: mdoc(7). */
import { writeFileSync } from "node:fs";
import path from "node:path";
import {
  type ArgumentNode,
  allNodes,
  type CommandNode,
  commandTree,
  type OptionNode,
} from "#cli/command-tree.ts";
import { createProgram } from "#cli/run-cli.ts";

/** The page, ready for `man`. */
export function manPage(): string {
  const tree = commandTree(createProgram(nobody));
  const commands = allNodes(tree).filter(({ runs, path: words }) => runs && words.length > 0);
  return [
    head,
    ".Sh COMMON OPTIONS",
    "Every command takes them.",
    ...optionList(tree.options),
    ".Sh COMMANDS",
    "Words may be cut as long as no other word of that place begins the same.",
    ".Bl -tag -width Ds",
    ...commands.flatMap(entry),
    ".El",
    tail,
  ]
    .flatMap((text) => text.split("\n"))
    .flatMap(filled)
    .join("\n");
}

/** Text is broken at words: whoever lints the page wants lines of 80. Requests stay whole. */
function filled(line: string): readonly string[] {
  if (line.startsWith(".") || line.length < WIDEST) return [line];
  const at = line.lastIndexOf(" ", WIDEST - 1);
  return at < 0 ? [line] : [line.slice(0, at), ...filled(line.slice(at + 1))];
}

const WIDEST = 80;

function entry({
  path: words,
  description,
  arguments: all,
  options,
}: CommandNode): readonly string[] {
  const usage = [
    `.Cm ${words.join(" ")}`,
    ...options.map((option) => `.Op ${flagMacros(option)}`),
    ...all.map((argument) => `.${argumentMacros(argument)}`),
  ];
  return [".It Xo", ...usage, ".Xc", ...sentence(description), ...optionList(options)];
}

function optionList(options: readonly OptionNode[]): readonly string[] {
  const told = options.filter(({ flags }) => !flags.includes("--json"));
  if (told.length === 0) return [];
  return [
    ".Bl -tag -width Ds",
    ...told.flatMap((option) => [
      `.It ${flagMacros(option)}`,
      ...sentence(option.description + choicesText(option.choices) + defaultText(option)),
    ]),
    ".El",
  ];
}

/** mdoc puts one hyphen before a flag itself. */
function flagMacros({ flags, value }: OptionNode): string {
  const names = flags.map((flag) => `Fl ${escaped(flag.slice(1))}`).join(" | ");
  return value === undefined ? names : `${names} Ar ${escaped(value)}`;
}

function argumentMacros({ name, isRequired, isVariadic, choices }: ArgumentNode): string {
  const what =
    choices.length > 0 ? `Cm ${choices.map(escaped).join(" | ")}` : `Ar ${escaped(name)}`;
  const repeated = isVariadic ? `${what} ...` : what;
  return isRequired ? repeated : `Op ${repeated}`;
}

const choicesText = (choices: readonly string[]): string =>
  choices.length > 0 ? `: ${choices.join(", ")}` : "";

const defaultText = ({ defaultValue }: OptionNode): string =>
  defaultValue === undefined ? "" : ` (${defaultValue} without it)`;

/** As one or more lines of text: each sentence on a line of its own, with a capital and a full stop. */
function sentence(text: string): readonly string[] {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return [escaped(/[.:!?]$/.test(whole) ? whole : `${whole}.`)];
}

/** A backslash is an escape; a line that begins with a dot or an apostrophe would be a request. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replace(/^([.'])/, "\\&$1");
}

const nothing = { write: () => {} };
/** The commands are only looked at. */
const nobody = {
  argv: [],
  stdout: nothing,
  stderr: nothing,
  env: {},
  version: "",
  runDaemon: () => Promise.resolve(0),
};

const head = `.\\" Made by tools/write-man.ts from the commands: change those.
.Dd November 24, 2026
.Dt FLEXSPOKE 8
.Os
.Sh NAME
.Nm flexspoke
.Nd FlexVPN client: brings branch tunnels up and keeps them up
.Sh SYNOPSIS
.Nm
.Op Fl -run-dir Ar folder
.Op Fl -state-dir Ar folder
.Ar command
.Op Ar argument ...
.Op Cm '|' Ar filter regex
.Sh DESCRIPTION
.Nm
is the branch end of a VPN: what Cisco IOS calls the FlexVPN client.
.Nm Cm run
is the daemon, which negotiates IKEv2 with a hub and keeps the kernel's SAs, routes and address translation.
All other commands speak to it over its control socket, or look at a configuration.
.Pp
Commands have the names that they have in IOS where IOS has a name.
Those under
.Cm show crypto
print in the layout of IOS; each
.Cm show
takes
.Fl -json
and prints one JSON document then.`;

const tail = `.Sh OUTPUT PIPES
What a command prints goes through filters as in IOS, quoted from the shell:
.Pp
.Dl flexspoke show crypto ikev2 sa '| include READY'
.Pp
All that follows a filter is its regular expression.
.Bl -tag -width exclude
.It Cm begin
From the first line that matches on.
.It Cm count
How many lines match.
.It Cm exclude
Lines that do not match.
.It Cm include
Lines that match.
.It Cm section
Lines that match, with those that are indented under them.
.El
.Sh ENVIRONMENT
.Bl -tag -width FLEXSPOKE_STATE_DIR
.It Ev FLEXSPOKE_RUN_DIR
Run-time folder, where
.Fl -run-dir
is not given.
.It Ev FLEXSPOKE_STATE_DIR
Folder of what outlives a reboot, where
.Fl -state-dir
is not given.
.It Ev NO_COLOR
No colours, on a terminal either.
.El
.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/flexspoke/config.yaml
Configuration.
Secrets are beside it in
.Pa secrets/ .
.It Pa /run/flexspoke/control.sock
Control socket of the daemon.
.It Pa /var/lib/flexspoke/
Events and what was learnt.
.El
.Sh EXIT STATUS
.Bl -tag -width Ds
.It 0
Done.
.It 1
What was asked for failed.
.Cm diagnose :
something stands in the way of a client.
.It 2
Wrong usage, or an invalid configuration.
.It 3
The daemon is not running.
.El
.Sh EXAMPLES
Why is it not up?
.Pp
.Dl flexspoke diagnose hq
.Pp
What happens just now, as far as the client hq is concerned:
.Pp
.Dl flexspoke monitor --filter client=hq
.Pp
IKE messages to and from one hub:
.Pp
.Dl flexspoke debug ikev2 --peer 203.0.113.1
.Pp
Words cut as in IOS:
.Pp
.Dl flexspoke sh cry ikev2 sa det
.Sh DIAGNOSTICS
Errors are one line on standard error that says what to do next.
`;

if (import.meta.main)
  writeFileSync(path.resolve(import.meta.dirname, "../docs/flexspoke.8"), manPage());
