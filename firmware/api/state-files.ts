/** Small documents of the API that outlive a reboot: who may log in, who is logged in. */
export interface StateFiles {
  /** Undefined when there is none. @throws when the disk refuses. */
  read(name: string): string | undefined;
  /** A power cut leaves the old or the new text. @throws when the disk refuses. */
  write(name: string, text: string): void;
}

/** Documents that last as long as the process. */
export function filesInMemory(): StateFiles {
  const files = new Map<string, string>();
  return {
    read: (name) => files.get(name),
    write: (name, text) => void files.set(name, text),
  };
}
