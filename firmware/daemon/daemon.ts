/**
 * The running daemon: the parts put together, started in the order that brings a tunnel up soonest, reloaded and ended.
 * It decides nothing; the engines do.
 */
import type { Backend } from "#api/backend.ts";
import { type ApiServer, startApi } from "#api/server.ts";
import type { ResolvedConfig } from "#config/resolved.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { seconds, type WallClock } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import type { Log } from "#lib/log.ts";
import { KernelDataPlane } from "#linux/driver.ts";
import { checkPermission } from "#linux/kernel/permission.ts";
import { connectTcp } from "#linux/probe/tied-tcp.ts";
import { daemonEvent } from "#state/daemon-event.ts";
import type { Diagnosis } from "#state/diagnose/diagnosis.ts";
import type { StateDocument } from "#state/document.ts";
import type { EventLog } from "#state/event-log.ts";
import type { MnemonicName } from "#state/mnemonics.ts";
import { apiSurroundings } from "./api-surroundings.ts";
import { readAppliance } from "./appliance.ts";
import type { ApplianceStart } from "./appliance-start.ts";
import { assemble } from "./assembly.ts";
import { createBackend } from "./backend.ts";
import { ChangeGuard } from "./change-guard.ts";
import type { Clock } from "./clock.ts";
import type { ConfigFiles } from "./config-files.ts";
import { DebugTap } from "./debug-tap.ts";
import { openEventStore } from "./event-store.ts";
import type { FirstConfiguration } from "./first-configuration.ts";
import { runDirectory } from "./instance.ts";
import { intakeEvent } from "./intake.ts";
import { InterfaceWatch } from "./interface-watch.ts";
import { recordFault, reportFaults, withoutConsequences } from "./kernel-faults.ts";
import { logEvent } from "./log-event.ts";
import { Loop } from "./loop.ts";
import { machineClock } from "./machine-clock.ts";
import { makeKernelReady } from "./readiness.ts";
import { Recorder } from "./recorder.ts";
import { reporterKinds } from "./reporter-kinds.ts";
import { Reporters } from "./reporters.ts";
import type { Services } from "./services.ts";
import { SetupServer } from "./setup-server.ts";
import { showState } from "./show-state.ts";
import { SystemKeeper } from "./system-keeper.ts";
import { TimeKeeper } from "./time-keeper.ts";
import { TrafficWatch } from "./traffic-watch.ts";
import { updatesOfMachine } from "./updates-of-machine.ts";
import { watchdogEvent } from "./watchdog.ts";

export interface DaemonOptions {
  readonly runDir: string;
  readonly stateDir: string;
  readonly files: ConfigFiles;
  readonly log: Log;
  readonly clock: Clock;
}

/** How long the hubs may take to answer our Delete when the daemon ends. */
const FAREWELL = seconds(3);

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #dataPlane: KernelDataPlane;
  readonly #loop: Loop;
  readonly #services: Services;
  readonly #traffic: TrafficWatch;
  readonly #interfaces: InterfaceWatch;
  readonly #permission = checkPermission();
  /** What the machine lacks. */
  readonly #lacks = Promise.withResolvers<readonly DataPlaneFault[]>();
  #config: ResolvedConfig | undefined;
  readonly #backend: Backend;
  readonly #reporters: Reporters;
  #api: ApiServer | undefined;
  /** In the place of the page, until there is a configuration. */
  #setup: SetupServer | undefined;
  #faults: readonly DataPlaneFault[] = [];
  readonly #tap = new DebugTap();
  readonly #recorder = new Recorder();
  #store: Awaited<ReturnType<typeof openEventStore>>;
  #quiet: () => void = () => {};
  /** On the appliance only: another machine is as its own files say. */
  readonly #system: SystemKeeper | undefined;

  constructor(options: DaemonOptions) {
    const { log, clock } = options;
    this.#options = options;
    this.#dataPlane = new KernelDataPlane(this.#tap.tapped(log.with({ area: "linux" }), "kernel"));
    this.#loop = new Loop(
      clock,
      () => this.#settle(),
      () => this.#services.time.look(),
    );
    const guard = new ChangeGuard({
      files: options.files,
      log,
      wall: () => clock.wall(),
      record: (event) => this.#services.events.record(event),
      apply: (config) => this.#apply(config),
      give: (input) => this.#services.giveGuard(input),
    });
    const updates = updatesOfMachine(options, () => this.#services);
    const time = new TimeKeeper({
      ...options,
      loop: this.#loop,
      clock: machineClock(readAppliance(log)),
      record: (event) => this.#services.events.record(event),
      askServers: () => this.#system?.askTimeServers(),
      tell: (date, isEarliest) => this.#tellTime(date, isEarliest),
    });
    this.#services = assemble({
      ...options,
      guard,
      updates,
      time,
      recorder: this.#recorder,
      loop: this.#loop,
      dataPlane: this.#dataPlane,
      lacksPermission: this.#permission !== undefined,
      lookAtInterfaces: () => this.#lookAtInterfaces(),
      clientOfTunnel: (tunnel) =>
        Object.values(this.#config?.clients ?? {}).find((client) => client.tunnel === tunnel)?.name,
      refused: (faults) => void this.#reportFaults(faults),
      fault: (fault) => this.#onFault(fault),
      lineServers: (...facts) => this.#system?.lineServers(...facts),
    });
    this.#tap.attach(this.#loop, this.#services);
    this.#loop.observe(this.#recorder.observe);
    this.#traffic = new TrafficWatch(
      this.#dataPlane,
      () => this.#services.kernel.securityAssociations,
      this.#services.giveIke,
    );
    this.#services.events.subscribe((event) => logEvent(log, event));
    this.#backend = createBackend(
      this.#services,
      () => this.#document(this.#configuration),
      (client) => this.#diagnose(client),
      this.#tap,
      this.#recorder,
    );
    this.#reporters = new Reporters(reporterKinds, {
      backend: this.#backend,
      log,
      stateDir: options.stateDir,
      record: (event) => this.#services.events.record(event),
      tie: connectTcp,
    });
    const record: EventLog["record"] = (event) => this.#services.events.record(event);
    this.#system = readAppliance(log) && new SystemKeeper({ log, record });
    this.#interfaces = new InterfaceWatch({
      tell: (input) => {
        this.#services.giveFlexvpn(input);
        this.#services.giveTrack(input);
        const { name: link, isUp, addresses } = input;
        const isUsable = isUp && addresses.length > 0;
        this.#services.giveGuard({ kind: "link-changed", link, isUsable });
        if (isUsable) void this.#api?.listenAgain();
      },
      record: (event) => this.#services.events.record(event),
      isOurs: (name) => this.#config?.tunnels[name] !== undefined,
    });
  }

  /** Guards first, connects next, and only then opens what is there to be looked at. */
  async start(first: FirstConfiguration, appliance?: ApplianceStart): Promise<void> {
    const services = this.#services;
    const { config } = first;
    this.#config = config;
    services.time.begin(config);
    this.#system?.apply(config);
    const ready = makeKernelReady(config);
    this.#dataPlane.onNotification((notification) => this.#onKernel(notification));
    const adopted = await this.#dataPlane.adopt();
    for (const [client, lesson] of services.learnt.all()) {
      services.giveFlexvpn({ kind: "remembered", client, ...lesson });
    }
    this.#interfaces.refresh();
    this.#configure(config);
    this.#record("FLEXSPOKE-5-STARTED", "the daemon runs", {
      clients: Object.keys(config.clients),
    });
    const taken = appliance && intakeEvent(appliance.intake);
    if (taken) services.events.record(taken);
    const reset = appliance && watchdogEvent(appliance.watchdog, this.#options.runDir);
    if (reset) services.events.record(reset);
    services.guard.begin(first);
    services.dialers.start(config.dialers);
    services.giveFlexvpn({ kind: "start" });
    const faults = withoutConsequences([...adopted, ...(await ready)], this.#permission);
    this.#faults = faults;
    for (const fault of faults) recordFault(services, fault);
    this.#lacks.resolve(faults);
    this.#traffic.start();
    this.#store = await openEventStore(this.#options.stateDir, this.#options.log);
    services.events.open(this.#store);
    await services.updates.start();
    // An address of the page may be one that the system is only now given.
    await this.#system?.settled();
    await this.#listen(first);
    await this.#reporters.configure(config);
  }

  /** Reads the configuration anew; an invalid one changes nothing, and one that cuts the branch off is undone. */
  reload(by: string): void {
    this.#services.guard.reload(by);
  }

  /** Says goodbye to the hubs, takes the tunnels out of the kernel and wipes every key. The kill switch stays. */
  async stop(reason: string): Promise<void> {
    const services = this.#services;
    this.#record("FLEXSPOKE-5-STOPPED", reason, {});
    const quiet = new Promise<void>((resolve) => {
      this.#quiet = resolve;
    });
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, FAREWELL).unref());
    services.giveFlexvpn({ kind: "shut-down", reason });
    await Promise.race([quiet, deadline]);
    await services.dialers.stop(reason);
    this.#system?.close();
    this.#traffic.stop();
    services.tracks.close();
    services.probes.close();
    services.time.end();
    this.#loop.stop();
    await this.#dataPlane.close({ keepKillSwitch: this.#keepsKillSwitch() });
    this.wipe();
    services.guard.ended();
    await services.updates.settled();
    services.sockets.close();
    await this.#reporters.close();
    await this.#setup?.close();
    await this.#api?.close();
    this.#store?.close();
  }

  /** Overwrites every key that the process holds; nothing works after it. */
  wipe(): void {
    this.#loop.stop();
    this.#services.ike.close();
    this.#services.dialers.engine.wipe();
    this.#services.kernel.wipe();
  }

  /** Certificates need the date; rehearsals the time of day, on the machine's own clock, if that is known. */
  #tellTime(time: WallClock, isEarliest: boolean): void {
    this.#services.giveIke({ kind: "wall-clock", time, isEarliest });
    if (isEarliest) return;
    const midnight = new Date(time).setHours(0, 0, 0, 0);
    this.#services.giveFlexvpn({ kind: "time-of-day", minuteOfDay: (time - midnight) / 60_000 });
  }

  get #configuration(): ResolvedConfig {
    invariant(this.#config, "nobody asks before there is a configuration");
    return this.#config;
  }

  #document(config: ResolvedConfig): StateDocument {
    const faults = this.#faults.map(({ what, remedy }) => `${what}: ${remedy}`);
    return showState(this.#services, config, this.#traffic.counters, faults);
  }

  async #diagnose(client: string): Promise<Diagnosis> {
    const { diagnoseClient } = await import("./diagnose.ts");
    const config = this.#configuration;
    // What was counted two seconds ago may be from before the trouble.
    await this.#traffic.refresh();
    const document = this.#document(config);
    return diagnoseClient(
      { services: this.#services, config, document, faults: this.#faults },
      client,
    );
  }

  /** Only what changed is touched. */
  #apply(config: ResolvedConfig): void {
    void this.#setup?.close();
    this.#setup = undefined;
    this.#config = config;
    this.#system?.apply(config);
    this.#services.time.configure(config);
    this.#configure(config);
    this.#services.giveDial({ kind: "configure", dialers: config.dialers });
    void this.#followWeb(config.web);
    void this.#reporters.configure(config);
  }

  async #followWeb(web: ResolvedConfig["web"]): Promise<void> {
    await this.#system?.settled();
    await this.#api?.configure(web);
  }

  #configure(config: ResolvedConfig): void {
    const { clients, tunnels } = config;
    this.#services.tracks.configure(config);
    this.#services.giveFlexvpn({ kind: "configure", clients, tunnels });
    this.#services.probes.configure(config);
  }

  #settle(): void {
    this.#services.kernel.flush();
    if (this.#services.flexvpn.isQuiet) this.#quiet();
    this.#services.dialers.settle();
  }

  #onKernel(notification: Parameters<Parameters<KernelDataPlane["onNotification"]>[0]>[0]): void {
    const { giveIke, probes } = this.#services;
    switch (notification.kind) {
      case "expire":
        giveIke({ kind: "sa-expired", spi: notification.spi, hard: notification.hard });
        break;
      case "mapping":
        giveIke({ kind: "mapping-changed", spi: notification.spi, remote: notification.remote });
        break;
      case "link":
      case "address":
        this.#lookAtInterfaces();
        probes.refresh();
        break;
      // Traffic waits for an SA: the client machine is connecting already, or is not meant to.
      case "acquire":
        break;
    }
  }

  async #listen({ config, setupPage }: FirstConfiguration): Promise<void> {
    const { listen } = config.web;
    if (setupPage !== undefined) {
      this.#setup = new SetupServer(setupPage, this.#options.log);
      void this.#setup.open(listen);
    }
    this.#api = await startApi({
      backend: this.#backend,
      ...config.web,
      listen: this.#setup ? [] : listen,
      controlSocket: runDirectory(this.#options.runDir).controlSocket,
      ...apiSurroundings(this.#options.stateDir),
      record: (event) => void this.#services.events.record(event),
      metrics: async () => {
        const { exposition } = await import("#telemetry/prometheus/exposition.ts");
        return exposition(this.#backend.document());
      },
      log: this.#options.log,
    });
  }

  #lookAtInterfaces(): void {
    if (!this.#interfaces.refresh()) return;
    this.#services.sockets.refresh();
    this.#services.dialers.interfacesChanged();
  }

  #keepsKillSwitch(): boolean {
    return Object.values(this.#config?.clients ?? {}).some((client) => client.killSwitch);
  }

  /** Told once it is known what the machine lacks: much of it follows from that. */
  async #reportFaults(faults: readonly DataPlaneFault[]): Promise<void> {
    const lacks = await this.#lacks.promise;
    reportFaults(this.#services, withoutConsequences(faults, this.#permission), lacks);
  }

  #onFault(fault: DataPlaneFault): void {
    for (const each of withoutConsequences([fault], this.#permission))
      recordFault(this.#services, each);
  }

  #record(mnemonic: MnemonicName, message: string, data: Readonly<Record<string, unknown>>): void {
    this.#services.events.record(daemonEvent(mnemonic, message, data));
  }
}
