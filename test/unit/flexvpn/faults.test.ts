import { expect, test } from "vitest";
import type { TunnelFault } from "#flexvpn/inputs.ts";
import { seconds } from "#lib/duration.ts";
import { client, hub1, peerAt, Story } from "./story.ts";

const moduleMissing: TunnelFault = {
  code: "kernel.module-missing",
  what: "can't create Tunnel0: the kernel has no xfrm interfaces",
  remedy: "load the module xfrm_interface",
};
const rejected: TunnelFault = {
  code: "kernel.rejected",
  what: "can't add the route 10.1.0.0/16",
  remedy: "look for a route in its way",
};
const offload: TunnelFault = {
  code: "kernel.offload-refused",
  what: "the device does not take the SA",
  remedy: "set offload: none",
  isNotice: true,
};

const fault = (story: Story, it: TunnelFault) =>
  story.give({ kind: "dataplane-fault", client: "hq", fault: it });

test("a kernel that can't carry the tunnel stops the client with one event and its reason", () => {
  const story = Story.of(client());
  fault(story, moduleMissing);
  fault(story, moduleMissing);

  expect(story.status).toBe("failed");
  expect(story.view.reasonCode).toBe("kernel.module-missing");
  expect(story.view.reason).toBe(`${moduleMissing.what}; ${moduleMissing.remedy}`);
  expect(story.mnemonics.filter((each) => each === "FLEXSPOKE-3-KERNEL_FAULT")).toHaveLength(1);
  expect(story.open.size).toBe(0);
});

test("what an event of the machine has told is the client's reason without a second event", () => {
  const story = Story.of(client());
  fault(story, { ...moduleMissing, isTold: true });

  expect(story.status).toBe("failed");
  expect(story.view.reasonCode).toBe("kernel.module-missing");
  expect(story.mnemonics).not.toContain("FLEXSPOKE-3-KERNEL_FAULT");
});

test("a stopped client tries again once in a while, for nobody may be there to help", () => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  fault(story, moduleMissing);
  story.pass(seconds(60));

  expect(story.status).toBe("connecting");
});

test("a fault that was met before the start stops the client when it starts", () => {
  const story = new Story();
  story.configure(client());
  fault(story, moduleMissing);
  story.give({ kind: "start" });

  expect(story.status).toBe("failed");
  expect(story.dialled).toEqual([]);
});

test("connect tries at once what a fault had stopped", () => {
  const story = Story.of(client());
  fault(story, moduleMissing);
  story.operator("connect");

  expect(story.status).toBe("connecting");
});

test("a fault that leaves the session working is shown beside it", () => {
  const story = Story.of(client());
  story.up();
  fault(story, rejected);

  expect(story.status).toBe("up");
  expect(story.view.reasonCode).toBe("kernel.rejected");
  expect(story.view.reason).toBe(
    `connected to ${hub1}, but can't add the route 10.1.0.0/16; look for a route in its way`,
  );
});

test("a notice of the kernel is an event and nothing more", () => {
  const story = Story.of(client());
  story.up();
  fault(story, offload);

  expect(story.mnemonics.at(-1)).toBe("FLEXSPOKE-5-KERNEL_NOTICE");
  expect(story.view.reasonCode).toBeUndefined();
});
