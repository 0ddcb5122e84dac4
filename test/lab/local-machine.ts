import { ProcessRunner } from "./process-runner.ts";
import { RemoteMachine } from "./remote-machine.ts";

/** This host as a `Machine`. Needs root for network namespaces. */
export function localMachine(): RemoteMachine {
  return new RemoteMachine("host", (take) => {
    const runner = new ProcessRunner(take);
    return { send: (request) => runner.handle(request), close: () => Promise.resolve() };
  });
}
