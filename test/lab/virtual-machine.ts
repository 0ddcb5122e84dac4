/**
 * Debian's stock kernel under QEMU, with this machine's root as its root, for what this machine's own kernel can't do:
 * ESP and xfrm interfaces. It boots once; any number of clients then speak to it through one Unix socket.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { cacheItem, projectRoot } from "./cache.ts";
import { encodeFrame, frameReader, type Reply, type Request } from "./frames.ts";
import { RemoteMachine } from "./remote-machine.ts";

export interface VirtualMachine {
  /** Where `virtualMachineAt` finds it. */
  readonly socketPath: string;
  /** Milliseconds from starting QEMU to the first command being possible. */
  readonly bootTime: number;
  /** What the guest's console said. */
  console(): string;
  /** Resolves when QEMU has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * norandmaps: the emulator keeps translated code by virtual address, so a library that lies elsewhere in every process
 * is translated anew for each; with it a process starts several times faster. The rest spares work as well: no zeroing
 * of pages, no self-tests of ciphers, no security modules.
 */
const kernelWords =
  "console=ttyS0 quiet panic=-1 mitigations=off nokaslr norandmaps tsc=reliable random.trust_cpu=on audit=0 " +
  "init_on_alloc=0 cryptomgr.notests lsm= nowatchdog";

/** The longest that a boot may take, milliseconds: about 4 s on an idle machine, much more beside other load. */
const bootLimit = 120_000;

/**
 * Boots one.
 * @param socketPath where clients connect; a fresh place when left out.
 * @throws {Error} with the console's last lines when it does not come up.
 */
export async function bootVirtualMachine(socketPath?: string): Promise<VirtualMachine> {
  const folder = mkdtempSync(join(tmpdir(), "flexspoke-vm-"));
  const clients = socketPath ?? join(folder, "clients.sock");
  const serial = join(folder, "serial.sock");
  const consoleLog = process.env["FLEXSPOKE_VM_LOG"] ?? join(folder, "console.log");
  const started = performance.now();
  const broker = new Broker();
  await broker.listen(serial, clients);
  const qemu = startQemu(serial, consoleLog);
  const ended = new Promise<void>((resolve) => qemu.on("exit", () => resolve()));
  const console = () => (existsSync(consoleLog) ? readFileSync(consoleLog, "utf8") : "");
  const kill = () => qemu.kill("SIGKILL");
  process.on("exit", kill);

  const stop = async () => {
    kill();
    await ended;
    process.off("exit", kill);
    broker.close();
    rmSync(folder, { recursive: true, force: true });
    if (socketPath) rmSync(socketPath, { force: true });
  };

  const failure = await Promise.race([
    broker.ready.then(() => undefined),
    ended.then(() => "QEMU ended"),
    new Promise<string>((resolve) => setTimeout(resolve, bootLimit, "it took too long").unref()),
  ]);
  if (failure) {
    const story = `${console().slice(-4000)}\n${broker.complaint}`;
    await stop();
    throw new Error(`the virtual machine did not boot: ${failure}\n${story}`);
  }
  const bootTime = Math.round(performance.now() - started);
  return { socketPath: clients, bootTime, console, ended, stop };
}

/** Connects to a machine that `bootVirtualMachine` made, in this process or another. */
export async function virtualMachineAt(socketPath: string): Promise<RemoteMachine> {
  const socket = connect(socketPath);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return new RemoteMachine("vm", (take) => {
    socket.on("data", frameReader<Reply>(take));
    return {
      send: (request) => socket.write(encodeFrame(request)),
      close: () => new Promise((resolve) => socket.end(resolve)),
    };
  });
}

function startQemu(serial: string, consoleLog: string): ChildProcess {
  const kernel = cacheItem("kernel");
  const agent = bundleAgent();
  const share = "security_model=none,readonly=on,multidevs=remap";
  const disk = (file: string, id: string) => [
    ...["-drive", `file=${file},format=raw,readonly=on,if=none,id=${id},file.locking=off`],
    ...["-device", `virtio-blk-pci,drive=${id}`],
  ];
  const words = [
    ...["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max", "-smp", "2"],
    ...["-m", process.env["FLEXSPOKE_VM_MEMORY"] ?? "3072"],
    ...["-nodefaults", "-display", "none", "-monitor", "none", "-no-reboot", "-nic", "none"],
    ...["-kernel", join(kernel, "vmlinux"), "-initrd", join(cacheItem("initramfs"), "initrd.img")],
    "-append",
    `${kernelWords} flexspoke.project=${projectRoot} flexspoke.kernel=${kernel} flexspoke.agent=${agent}`,
    ...["-serial", `file:${consoleLog}`],
    ...["-virtfs", `local,path=/,mount_tag=host,${share}`],
    ...["-virtfs", `local,path=${projectRoot},mount_tag=project,${share}`],
    ...disk(join(cacheItem("hub-root"), "root.squashfs"), "hub"),
    ...disk(process.execPath, "node"),
    ...["-device", "virtio-rng-pci", "-device", "virtio-serial-pci"],
    ...["-chardev", `socket,id=lab,path=${serial}`],
    ...["-device", "virtserialport,chardev=lab,name=flexspoke.lab"],
  ];
  // The kernel ends QEMU should this process be killed without having time to.
  return spawn("setpriv", ["--pdeathsig", "KILL", "qemu-system-x86_64", ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** @returns path of the agent as one JavaScript file: types would cost the guest's Node a second. */
function bundleAgent(): string {
  const folder = join(projectRoot, "build/lab");
  const file = join(folder, "guest-agent.mjs");
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, "guest-agent.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    write: false,
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, outputFiles[0]?.contents ?? "");
  return file;
}

/** Between the guest's one serial port and many clients: ids get the client's number in front on their way in. */
class Broker {
  readonly ready: Promise<void>;
  complaint = "";
  #greet: () => void = () => {};
  #guest: Socket | undefined;
  readonly #clients = new Map<string, Socket>();
  readonly #servers: Server[] = [];

  constructor() {
    this.ready = new Promise((resolve) => {
      this.#greet = resolve;
    });
  }

  async listen(serialPath: string, clientPath: string): Promise<void> {
    rmSync(clientPath, { force: true });
    await this.#serve(serialPath, (socket) => this.#acceptGuest(socket));
    await this.#serve(clientPath, (socket) => this.#acceptClient(socket));
  }

  close(): void {
    for (const socket of this.#clients.values()) socket.destroy();
    this.#guest?.destroy();
    for (const server of this.#servers) server.close();
  }

  #serve(path: string, accept: (socket: Socket) => void): Promise<void> {
    const server = createServer(accept);
    server.unref();
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  }

  #acceptGuest(socket: Socket): void {
    this.#guest = socket;
    socket.on("error", () => {});
    const take = (reply: Reply) => {
      if (reply.is === "hello") return this.#greet();
      const cut = reply.id.indexOf(".");
      const client = this.#clients.get(reply.id.slice(0, cut));
      client?.write(encodeFrame({ ...reply, id: reply.id.slice(cut + 1) }));
    };
    socket.on("data", frameReader<Reply>(take));
  }

  #acceptClient(socket: Socket): void {
    const prefix = `${Math.random().toString(36).slice(2)}`;
    this.#clients.set(prefix, socket);
    const forward = (request: Request) =>
      this.#guest?.write(encodeFrame({ ...request, id: `${prefix}.${request.id}` }));
    socket.on("data", frameReader<Request>(forward));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#clients.delete(prefix);
      forward({ id: "", do: "hang-up" });
    });
  }
}
