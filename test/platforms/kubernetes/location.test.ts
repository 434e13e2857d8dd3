import * as assert from "node:assert/strict";
import { locationUrl, parseLocation } from "../../../platforms/kubernetes/location";

describe("platforms/kubernetes/location", () => {
  const contexts = ["kind-zone-1", "arn:aws:eks:eu-west-1:1234:cluster/prod", "user@host/a b%2F", "日本"];
  for (const context of contexts) {
    it(`names a control plane of context ${context} as a URL and finds it again`, () => {
      const location = { context, namespace: "kuma-system", service: "kuma-control-plane" };
      const url = locationUrl(location);
      assert.match(url, /^kubernetes:\/\/[^/ ]+\/kuma-system\/kuma-control-plane$/);
      assert.deepEqual(parseLocation(url), location);
    });
  }

  it("leaves other addresses to others", () => {
    for (const url of [
      "http://127.0.0.1:5681",
      "kubernetes://a/b",
      "kubernetes://a/b/c/d",
      "kubernetes:///b/c",
    ])
      assert.equal(parseLocation(url), undefined);
  });
});
