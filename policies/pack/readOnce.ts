import { createRequire } from "node:module";

interface Struct {
  toJavaScript(): unknown;
}

/**
 * Has the properties of a resource turned into JavaScript once. The policy server asks for that anew for each rule, which takes
 * a tenth of a second each time where a stack writes 2,500 policies; it copies what it gets, so that all can have the same
 * (@pulumi/policy 1.21, server.js and deserialize.js; google-protobuf 3.21, struct_pb.js).
 */
export function readOnce(): void {
  const ofPolicyServer = createRequire(require.resolve("@pulumi/policy"));
  const { Struct } = ofPolicyServer("google-protobuf/google/protobuf/struct_pb.js") as {
    Struct: { prototype: Struct };
  };
  const read = Struct.prototype.toJavaScript;
  const known = new WeakMap<Struct, unknown>();
  Struct.prototype.toJavaScript = function (this: Struct) {
    if (!known.has(this)) known.set(this, read.call(this));
    return known.get(this);
  };
}
