/** A new configuration that cuts the branch off is taken back, whatever becomes of the daemon meanwhile. */
import { expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import type { Lab } from "#test/lab/lab.ts";
import type { Settings } from "#test/lab/merge.ts";
import { scenariosWith } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

const scenario = scenariosWith((lab) => lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") }));

const guarded: Settings = { "change-guard": { within: "20s" } };
/** A key that the hub does not know, in a file that is valid. */
const wrong: Settings = {
  ...guarded,
  ikev2: { profiles: { hq: { local: { psk: "of-nobody" } } } },
};

const fileOf = ({ topology }: Lab) => `${topology.folder}/branch/config.yaml`;

async function connect(lab: Lab): Promise<string> {
  await lab.branch.start(pskBranch(guarded));
  await lab.branch.untilState("up");
  await lab.untilReachable();
  await lab.branch.untilKept();
  return await lab.topology.must("branch", `cat ${fileOf(lab)}`);
}

/** What was decided can be run again from what the daemon kept. */
async function expectSameReplay({ branch, topology }: Lab): Promise<void> {
  const recording = await branch.recording();
  expect(recording).not.toContain("of-nobody");
  const file = `${topology.folder}/recording.jsonl`;
  await topology.machine.writeFile(file, recording, 0o600);
  const { code, stdout } = await branch.cli("replay", file);
  expect(stdout).toContain("-> undo");
  expect(stdout).toMatch(/every decision is the one that was taken\n$/);
  expect(code).toBe(0);
}

scenario("a reload after which the hub refuses the branch is undone, and says why", async (lab) => {
  const { branch, topology } = lab;
  const good = await connect(lab);
  await branch.configure(pskBranch(wrong));
  branch.reload();

  const undone = await branch.untilEvent("FLEXSPOKE-3-CONFIGURATION_UNDONE");

  expect(undone.message).toMatch(
    /hq was up before and did not come up within 20s \(.*refused our pre-shared key/,
  );
  await branch.untilState("up");
  await lab.untilReachable();
  expect(await topology.must("branch", `cat ${fileOf(lab)}`)).toBe(good);
  expect(await topology.must("branch", `cat ${fileOf(lab)}.undone`)).toContain("of-nobody");
  await expectSameReplay(lab);
});

scenario("a trial survives the death of the daemon, and the second death ends it", async (lab) => {
  const { branch, topology } = lab;
  const good = await connect(lab);
  const candidate = `${topology.folder}/candidate.yaml`;
  await lab.topology.machine.writeFile(candidate, JSON.stringify(pskBranch(wrong).config), 0o600);
  const answer = await branch.cli("commit-confirmed", candidate, "--within", "5m");
  expect(answer.stdout).toContain("flexspoke confirm");
  await branch.stop("SIGKILL");
  await branch.run();
  expect((await branch.state()).configuration?.trial?.lacking).toEqual(["hq"]);
  await branch.stop("SIGKILL");

  await branch.run();

  await branch.untilState("up");
  await lab.untilReachable();
  expect(await topology.must("branch", `cat ${fileOf(lab)}`)).toBe(good);
});

scenario(
  "a file that became invalid does not keep the branch down at the next start",
  async (lab) => {
    const { branch, topology } = lab;
    await connect(lab);
    await branch.stop("SIGTERM");
    await topology.machine.writeFile(fileOf(lab), "clients: [\n", 0o600);

    await branch.run();

    await branch.untilState("up");
    const refused = await branch.untilEvent("FLEXSPOKE-3-CONFIGURATION_REFUSED");
    expect(refused.message).toContain("last connected this branch");
  },
);
