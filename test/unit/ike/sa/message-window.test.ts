import { expect, test } from "vitest";
import { RequestWindow, ResponseWindow } from "#ike/sa/message-window.ts";

test("with a window of one, a second request waits for the first response", () => {
  const window = new RequestWindow<string>(1);
  expect(window.hasRoom).toBe(true);
  expect(window.open("first")).toBe(1);
  expect(window.hasRoom).toBe(false);
  window.close(1);
  expect(window.hasRoom).toBe(true);
  expect(window.next).toBe(2);
});

test("SET_WINDOW_SIZE of the peer allows more requests at once, counted from the oldest unanswered", () => {
  const window = new RequestWindow<string>(0);
  window.allow(3);
  for (const name of ["a", "b", "c"]) window.open(name);
  expect(window.hasRoom).toBe(false);
  window.close(1);
  expect(window.hasRoom).toBe(false);
  window.close(0);
  expect(window.hasRoom).toBe(true);
});

test("a window never shrinks, and an absurd size is not believed", () => {
  const window = new RequestWindow<string>(0);
  window.allow(4);
  window.allow(1);
  expect(window.size).toBe(4);
  window.allow(0xffff_ffff);
  expect(window.size).toBeLessThanOrEqual(64);
});

test("a response finds its request by Message ID, once", () => {
  const window = new RequestWindow<string>(5);
  window.open("rekey");
  expect(window.find(4)).toBeUndefined();
  expect(window.find(5)).toBe("rekey");
  window.close(5);
  expect(window.find(5)).toBeUndefined();
});

test("the expected request is new, the one before it repeated, all others outside", () => {
  const window = new ResponseWindow();
  expect(window.classify(0)).toBe("new");
  expect(window.classify(1)).toBe("outside");
  const response = [Uint8Array.of(1)];
  window.answered(response);
  expect(window.classify(0)).toBe("repeated");
  expect(window.lastResponse).toBe(response);
  expect(window.classify(1)).toBe("new");
  window.answered([Uint8Array.of(2)]);
  expect(window.classify(0)).toBe("outside");
  expect(window.classify(0xffff_ffff)).toBe("outside");
});

test("before the first request there is nothing to repeat", () => {
  expect(new ResponseWindow(0).classify(0xffff_ffff)).toBe("outside");
  expect(new ResponseWindow(0).lastResponse).toEqual([]);
});
