import { findRealControlPlane, type Kind, standIn, stopAll } from "./process";

/** Runs the same suite on the stand-in and, where there is one, on a real control plane. */
export function onEachControlPlane(title: string, suite: (kind: Kind) => void): void {
  describe(`${title}: stand-in`, () => {
    after(stopAll);
    suite(standIn);
  });
  describe(`${title}: real kuma-cp`, () => {
    const real = findRealControlPlane();
    if (real) {
      after(stopAll);
      suite(real);
    } else {
      it("is skipped: no kuma-cp 2.x in KUMA_CP or on PATH", function () {
        this.skip();
      });
    }
  });
}
