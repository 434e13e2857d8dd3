import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readOnce } from "../../../policies/pack/policyServer";
import { later, cleanUp } from "../../support/cleanUp";

interface Struct {
  toJavaScript(): Record<string, unknown>;
}
interface StructClass {
  prototype: Struct;
  fromJavaScript(value: object): Struct;
}
const ofPolicyServer = createRequire(require.resolve("@pulumi/policy"));
const { Struct } = ofPolicyServer("google-protobuf/google/protobuf/struct_pb.js") as { Struct: StructClass };
const { deserializeProperties } = ofPolicyServer("./deserialize") as {
  deserializeProperties(struct: Struct, proxySecrets: boolean): Record<string, unknown>;
};

describe("the properties of a resource, for all rules", () => {
  beforeEach(() => {
    const { toJavaScript } = Struct.prototype;
    later(() => void (Struct.prototype.toJavaScript = toJavaScript));
  });
  afterEach(cleanUp);

  it("are read once, and each rule gets a copy of its own", () => {
    const struct = Struct.fromJavaScript({ a: { b: [1, { c: "d" }] } });
    readOnce();
    assert.equal(struct.toJavaScript(), struct.toJavaScript());
    const first = deserializeProperties(struct, false);
    (first.a as Record<string, unknown>).b = "changed";
    assert.deepEqual(deserializeProperties(struct, false), { a: { b: [1, { c: "d" }] } });
  });

  it("are those of each resource", () => {
    readOnce();
    const [one, other] = [{ a: 1 }, { a: 2 }].map((each) => Struct.fromJavaScript(each));
    assert.deepEqual([one.toJavaScript(), other.toJavaScript()], [{ a: 1 }, { a: 2 }]);
  });
});
