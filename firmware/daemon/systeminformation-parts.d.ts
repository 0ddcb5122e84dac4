/** The two files of the package that are needed, without the other twenty: its types know only the whole. */
declare module "systeminformation/lib/cpu.js" {
  import type { Systeminformation } from "systeminformation";
  export function cpuTemperature(): Promise<Systeminformation.CpuTemperatureData>;
}
declare module "systeminformation/lib/system.js" {
  import type { Systeminformation } from "systeminformation";
  export function system(): Promise<Systeminformation.SystemData>;
}
