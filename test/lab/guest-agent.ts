/** The process runner behind the virtual machine's serial port. Started by the machine's first process. */
import { createReadStream, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { encodeFrame, frameReader, type Reply, type Request } from "./frames.ts";
import { ProcessRunner } from "./process-runner.ts";

const ports = "/sys/class/virtio-ports";
const port = readdirSync(ports).find(
  (name) => readFileSync(`${ports}/${name}/name`, "utf8").trim() === "flexspoke.lab",
);
const descriptor = openSync(`/dev/${port}`, "r+");

const reply = (frame: Reply) => {
  let rest = Buffer.from(encodeFrame(frame));
  while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
};
const runner = new ProcessRunner(reply);
const read = frameReader<Request>((request) => runner.handle(request));

createReadStream("", { fd: descriptor, highWaterMark: 65_536, autoClose: false }).on(
  "data",
  (chunk) => read(Buffer.from(chunk)),
);
reply({ id: "", is: "hello" });
