import * as assert from "node:assert/strict";
import { isFolded, isName, isTypeName, isTypePath, isZoneName, urlPath } from "../../../kuma/resource/names";
import { kumaErrorOf } from "../../support/errors";

describe("kuma/resource/names", () => {
  const notTaken = <T>(is: (value: T) => boolean, values: T[]) => values.filter((value) => !is(value));

  it("takes the names that Kuma takes, of today and of before", () => {
    const names = ["a", "9", "all-of_it.v1", "x.kuma-system", "...", "a..b", "-", "n".repeat(317)];
    assert.deepEqual(notTaken(isName, names), []);
  });

  it("takes no other name", () => {
    const others = [
      "",
      ".",
      "..",
      "A",
      "a/b",
      "a b",
      "a\n",
      "\na",
      "ü",
      "a%2e",
      "n".repeat(318),
      7,
      ["a"],
      null,
      undefined,
    ];
    assert.deepEqual(notTaken(isName, others), others);
  });

  it("takes zones with capitals and dots, as Kuma does (kumahq/kuma 12988)", () => {
    assert.deepEqual(notTaken(isZoneName, ["Zone-A", "eu.west", "eu_west", "a", "9"]), []);
    const others = [
      "",
      ".",
      "..",
      "a/b",
      "a b",
      "A\n",
      "Ü",
      "\u212a",
      "A".repeat(318),
      7,
      ["a"],
      null,
      undefined,
    ];
    assert.deepEqual(notTaken(isZoneName, others), others);
  });

  it("knows how types are called", () => {
    assert.deepEqual(notTaken(isTypeName, ["A", "Mesh", "MeshHTTPRoute2", `M${"x".repeat(99)}`]), []);
    const others = [
      "",
      "mesh",
      "Mesh-x",
      "Mesh x",
      "xMesh",
      "Mesh\n",
      `M${"x".repeat(100)}`,
      ["Mesh"],
      7,
      undefined,
    ];
    assert.deepEqual(notTaken(isTypeName, others), others);
  });

  it("knows under which segments types are served", () => {
    assert.deepEqual(notTaken(isTypePath, ["a", "meshes", "mesh-http-routes", "v2", "p".repeat(100)]), []);
    const others = [
      "",
      "-a",
      "a-",
      "a--b",
      "Meshes",
      "a/b",
      "a.b",
      "a\n",
      "p".repeat(101),
      ["a"],
      7,
      undefined,
    ];
    assert.deepEqual(notTaken(isTypePath, others), others);
  });

  describe("urlPath", () => {
    it("keeps each value one segment", () => {
      assert.equal(urlPath`/meshes/${"a/b"}/x/${"c?d#e"}`, "/meshes/a%2Fb/x/c%3Fd%23e");
      assert.equal(urlPath`/${"dataplanes+insights"}`, "/dataplanes+insights");
      assert.equal(urlPath`/${"a+b+c"}/${"..."}`, "/a+b+c/...");
      assert.equal(urlPath`/${"ü 😀"}`, "/%C3%BC%20%F0%9F%98%80");
    });

    for (const value of ["", ".", "..", "a\ud800"])
      it(`refuses ${JSON.stringify(value)}`, async () => {
        assert.deepEqual(await kumaErrorOf(() => urlPath`/meshes/${value}`), {
          code: "invalid",
          message: `${JSON.stringify(value)} is no name, so nothing was sent.`,
        });
      });
  });

  it("knows the paths that are taken for other ones", () => {
    const folded = [
      "/a//b",
      "//a",
      "/.",
      "/..",
      "/./a",
      "/../a",
      "/a/.",
      "/a/..",
      "/a/../b",
      "/%2e/a",
      "/a/%2E%2E",
      "/a\\b",
      "/a//?x",
    ];
    assert.deepEqual(notTaken(isFolded, folded), []);
    const others = [
      "/a",
      "/a/",
      "/a/...",
      "/a/.b",
      "/a/..b",
      "/a.b/c..",
      "/a%2eb",
      "/a?x=//y",
      "/a?x=/../y",
      "/a#/..",
      "/a?\\",
    ];
    assert.deepEqual(notTaken(isFolded, others), others);
  });
});
