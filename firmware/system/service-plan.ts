/** A program that is kept running. */
export interface ServicePlan {
  readonly name: string;
  /** Arguments, the program first; it stays in the foreground. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Files that it reads, by path; what differs restarts it. */
  readonly files?: Readonly<Record<string, { readonly text: string; readonly mode: number }>>;
  /** Folders that it needs. */
  readonly folders?: readonly string[];
}

/** Where files of services are, in memory. */
export const SERVICE_FILES = "/run/flexspoke/services";
