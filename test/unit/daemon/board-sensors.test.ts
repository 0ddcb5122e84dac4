import { system } from "systeminformation";
import { expect, test, vi } from "vitest";
import { BoardSensors } from "#daemon/board-sensors.ts";

test("the board is what the machine says of itself, found beside the first look", async () => {
  const { model } = await system();
  const sensors = new BoardSensors();
  expect(sensors.read(0)).toEqual({});
  const found = await vi.waitFor(
    () => {
      const facts = sensors.read(1);
      expect(facts.board).toBeDefined();
      return facts;
    },
    { timeout: 20_000 },
  );
  expect(found.board).toContain(model.trim());
  const { temperature } = found;
  expect(temperature === undefined || (temperature > 0 && temperature < 200)).toBe(true);
});
