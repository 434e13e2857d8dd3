import { mock } from "node:test";
import { later } from "./cleanUp";
import type { FakeControlPlane } from "./controlPlane/fakeControlPlane";
import { until } from "./until";

/** Has the deadline of what is waited for pass, once a control plane was asked for the first time; pauses stay as they are. */
export async function passDeadline(fake: FakeControlPlane, ms: number): Promise<void> {
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  later(() => mock.timers.reset());
  await until("the first look", () => fake.requests.length > 0 && fake.inFlight === 0);
  mock.timers.tick(ms);
}
