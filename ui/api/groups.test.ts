import { describe, expect, it } from "vitest";
import { createApp } from "../app.ts";
import { aGroup, FakeView, fakeDeps, jsonOf } from "../fake-view.ts";

const get = (path: string, view = new FakeView()) => createApp(fakeDeps({ view })).request(path);

describe("groups", () => {
  it("say how far behind they are in records and in seconds", async () => {
    const group = await jsonOf(await get("/api/groups/analytics-group"));
    expect(group).toMatchObject({ lag: 2, lag_seconds: null });
    expect(group.partitions.map((p: { lag_seconds: number }) => p.lag_seconds)).toEqual([1.5, null]);
  });

  it("give their lag over time", async () => {
    const view = new FakeView();
    const partitions = [{ topic: "user-events", partition: 0, lag: 3 }];
    view.stream.points = [{ timestamp: Date.UTC(2026, 10, 22), lag: 3, lagSeconds: 0.25, partitions }];
    const { group, points } = await jsonOf(await get("/api/groups/analytics-group/lag", view));
    expect(group).toBe("analytics-group");
    expect(points).toEqual([
      { timestamp: "2026-11-22T00:00:00.000Z", lag: 3, lag_seconds: 0.25, partitions },
    ]);
  });

  it("that were never seen have no lag", async () => {
    const view = new FakeView();
    view.stream.groups = [aGroup];
    const response = await get("/api/groups/nope/lag", view);
    expect(response.status).toBe(404);
    expect((await jsonOf(response)).detail).toBe('Expected a group of analytics-group; got "nope"');
  });
});
