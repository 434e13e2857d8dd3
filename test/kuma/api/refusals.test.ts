import * as assert from "node:assert/strict";
import { knownTypes, typeOf } from "../../../kuma";
import { MAY_BE_SECRET, repeats, secretsIn, withoutPlace, wordsOf } from "../../../kuma/api/refusals";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";

describe("kuma/api/refusals", () => {
  const words = (document: unknown, secrets: string[] = []) => wordsOf(JSON.stringify(document), secrets);

  describe("wordsOf", () => {
    it("tells title, detail and faults of fields, each once", () => {
      assert.equal(words({ title: "No", detail: "because" }), " (No; because)");
      assert.equal(words({ title: "No", details: "of old" }), " (No; of old)");
      assert.equal(words({ title: "No", detail: "new", details: "of old" }), " (No; new)");
      assert.equal(
        words({
          title: "No",
          detail: "No",
          invalid_parameters: [
            { field: "name", reason: "too long" },
            { field: "name", reason: "too long" },
            { reason: "alone" },
          ],
          causes: [{ field: "spec", message: "missing" }, { message: "alone" }, { field: "f" }],
        }),
        " (No; name: too long; alone; spec: missing; f)",
      );
    });

    it("tells nothing where there is nothing to tell", () => {
      for (const document of [
        {},
        [],
        "text",
        { title: "" },
        { title: 7, detail: null },
        { invalid_parameters: [{}, "x"] },
      ])
        assert.equal(words(document), "", JSON.stringify(document));
      assert.equal(wordsOf("<html>", []), "");
    });

    it("is short, and in one line", () => {
      assert.equal(words({ title: "a\nb" }), " (a\\u000ab)");
      assert.equal(words({ title: "t".repeat(3_000) }), ` (${"t".repeat(2_000)})`);
    });

    it("is not shown where it repeats a secret", () => {
      assert.equal(
        words({ title: "token canary-1 is bad" }, ["canary-1"]),
        " (its words are not shown, as they repeat what was sent)",
      );
      assert.equal(words({ title: "token is bad" }, ["canary-1"]), " (token is bad)");
    });
  });

  describe("repeats", () => {
    it("finds a secret in clear or decoded, and a telling part of a long one", () => {
      assert.ok(repeats("it is secret", ["secret"]));
      assert.ok(repeats("it says hello you", [Buffer.from("hello you").toString("base64")]));
      const long = "abcdefghijklmnopqrstuvwxyz";
      assert.ok(repeats(`x${long.slice(3, 19)}y`, [long]));
      assert.ok(repeats(long.slice(0, 16), [long]));
      assert.ok(repeats(`so ${long.slice(10)}`, [long]));
      assert.ok(repeats("0123456789abcdef", ["0123456789abcdef"]));
    });

    it("takes less than that for chance", () => {
      const long = "abcdefghijklmnopqrstuvwxyz";
      assert.ok(!repeats(long.slice(0, 15), [long]));
      assert.ok(!repeats("abcde", ["abcde"]));
      assert.ok(repeats("abcdef", ["abcdef"]));
      assert.ok(!repeats("0123456789abcde", ["0123456789abcdef"]));
      assert.ok(!repeats("anything", []));
      assert.ok(!repeats("", [long]));
    });
  });

  it("knows which texts of a document may be secret, by the names above them", () => {
    const document = {
      ...{ name: "n", count: 7, nothing: null, on: true },
      conf: { password: "p", inner: [{ token: "t" }, { text: "no" }] },
      tls: { cert: { inlineString: "i" } },
      headers: { set: [{ name: "h", x: "v" }] },
    };
    assert.deepEqual(secretsIn(document), ["p", "t", "i", "h", "v"]);
    assert.deepEqual(secretsIn("text"), []);
    assert.deepEqual(secretsIn("text", "apiKey"), ["text"]);
    for (const none of [null, undefined, 7, true]) assert.deepEqual(secretsIn(none, "password"), []);
    assert.ok(MAY_BE_SECRET.test("SECRET"));
  });

  describe("withoutPlace", () => {
    const place = (field: string) => ({
      field,
      reason: `${field} from the URL has to be the same as in body`,
    });

    it("leaves out the faults of the address", () => {
      const refusal = (...faults: object[]) =>
        withoutPlace(JSON.stringify({ title: "No", invalid_parameters: faults }));
      assert.equal(refusal(place("name"), place("mesh")), undefined);
      assert.deepEqual(
        JSON.parse(refusal(place("name"), { field: "spec", reason: "wrong" }, { reason: "alone" }) ?? ""),
        {
          title: "No",
          detail: "spec: wrong; alone",
        },
      );
    });

    it("leaves alone what has no such faults", () => {
      for (const body of ['{"title":"No"}', "<html>", '{"invalid_parameters":[]}'])
        assert.equal(withoutPlace(body), body);
    });
  });
});

describe("kuma/api/knownTypes", () => {
  afterEach(stopFakes);

  it("gives the type of a resource, and says when a control plane does not know it", async () => {
    const zone = clientOf(await FakeControlPlane.start(), { title: "the zone" });
    const types = await knownTypes(zone);
    assert.equal(typeOf({ type: "Mesh", name: "m" }, types, zone).path, "meshes");
    assert.deepEqual(
      await kumaErrorOf(() => typeOf({ type: "Novelty", mesh: "m", name: "n" }, types, zone)),
      {
        code: "refused",
        message:
          "Novelty m/n: the zone does not know the type Novelty. Is it older than the other side, or another product?",
      },
    );
  });
});
