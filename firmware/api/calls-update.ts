/** The calls of the local API for updates of the appliance: rows of the table in `calls.ts`, which says what they mean. */

const path = "/api/v1/update";
const gives = "Update";

export const updateCalls = [
  {
    method: "get",
    path,
    does: "The system in the slots, and how far an update is; of the appliance alone",
    status: 200,
    gives,
    refuses: [404],
  },
  {
    method: "post",
    path,
    does: "Takes a signed update bundle in as its body, and restarts to try it",
    query: {
      within: "How long the new system has to bring back what was up: 10m",
      restart: "no: the next start tries it, whenever that is",
      force: "yes: whatever its version is; on the control socket only",
    },
    takes: "application/octet-stream",
    status: 202,
    gives,
    refuses: [400, 404, 409, 422],
  },
  {
    method: "post",
    path: `${path}/rollback`,
    does: "Goes back to the system from before, which is tried like an update",
    status: 202,
    gives,
    refuses: [404, 409, 422],
  },
  {
    method: "post",
    path: `${path}/keep`,
    does: "Keeps the system on trial without waiting for its proof",
    status: 202,
    gives,
    refuses: [404, 409],
  },
] as const;
