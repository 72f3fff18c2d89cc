import { describe, expect, it } from "vitest";
import { createApp } from "../app.ts";
import { anInvocation, FakeView, fakeDeps } from "../fake-view.ts";

describe("GET /metrics", () => {
  it("answers in the content type that Prometheus asks for, with what only the API knows", async () => {
    const response = await createApp(fakeDeps({})).request("/metrics");
    expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await response.text()).toBe("captureRecorded 0\ncaptureDropped 0\nstreamClients 0\n");
  });

  it("counts invocations that were handed to captures", async () => {
    const view = new FakeView();
    const app = createApp(fakeDeps({ view }));
    const capture = await app.request("/api/functions/analytics-consumer/invocations?follow=true");
    view.publish(anInvocation);
    view.publish(anInvocation);
    expect(await (await app.request("/metrics")).text()).toContain("captureRecorded 2\n");
    await capture.body?.cancel();
  });
});
