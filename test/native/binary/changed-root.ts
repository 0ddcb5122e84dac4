/** A root file system of its own for a test: another folder's content with changes on top of it that are gone afterwards. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "#test/support/mosquitto.ts";

export class ChangedRoot {
  /** Where it is mounted. */
  readonly path: string;
  readonly #folder: string;

  /** @param lower the content underneath, which stays as it is. */
  constructor(lower: string) {
    this.#folder = mkdtempSync(join(tmpdir(), "flexspoke-root-"));
    execFileSync("mount", ["-t", "tmpfs", "root", this.#folder]);
    const [upper, work] = [join(this.#folder, "upper"), join(this.#folder, "work")];
    this.path = join(this.#folder, "root");
    for (const folder of [upper, work, this.path]) mkdirSync(folder);
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    execFileSync("mount", ["-t", "overlay", "-o", options, "root", this.path]);
    for (const [type, place] of [
      ["proc", "proc"],
      ["devtmpfs", "dev"],
      ["tmpfs", "run"],
      ["tmpfs", "tmp"],
    ] as const) {
      mkdirSync(join(this.path, place), { recursive: true });
      execFileSync("mount", ["-t", type, type, join(this.path, place)]);
    }
  }

  /** Runs a command of it. @returns its output. @throws when it fails. */
  run(...argv: readonly string[]): string {
    return execFileSync("chroot", [this.path, ...argv], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: environment,
    });
  }

  /** Runs the daemon in it, with a network of its own, while `use` does; `argv` is what starts it. */
  async whileRunning(
    argv: readonly string[],
    use: (pid: number) => Promise<void> | void,
  ): Promise<void> {
    const daemon = spawn("unshare", ["--net", "chroot", this.path, ...argv], {
      stdio: ["ignore", "ignore", "pipe"],
      env: environment,
    });
    let said = "";
    daemon.stderr.on("data", (text) => {
      said += text;
    });
    const socket = join(this.path, "run/flexspoke/control.sock");
    try {
      await until(() => existsSync(socket) || daemon.exitCode !== null, "it listens");
      if (daemon.exitCode !== null) throw new Error(`it ended: ${said}`);
      await use(daemon.pid ?? 0);
    } finally {
      daemon.kill("SIGTERM");
      if (daemon.exitCode === null) await once(daemon, "exit");
    }
  }

  /** Takes it away with everything that was changed. */
  remove(): void {
    for (const place of ["tmp", "run", "dev", "proc", ""])
      execFileSync("umount", ["--lazy", join(this.path, place)]);
    execFileSync("umount", ["--lazy", this.#folder]);
    rmSync(this.#folder, { recursive: true });
  }
}

const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LC_ALL: "C" };
