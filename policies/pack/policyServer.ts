import { createRequire } from "node:module";

const ofPolicyServer = createRequire(require.resolve("@pulumi/policy"));

interface Struct {
  toJavaScript(): unknown;
}

/**
 * Has the properties of a resource turned into JavaScript once. The policy server asks for that anew for each rule, which takes
 * a tenth of a second each time where a stack writes 2,500 policies; it copies what it gets, so that all can have the same
 * (@pulumi/policy 1.21, server.js and deserialize.js; google-protobuf 3.21, struct_pb.js).
 */
export function readOnce(): void {
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

/**
 * No rule remedies anything. The engine asks for it with each resource all the same, and takes a server that does not know the call for
 * one that has nothing to say (sdk/v3.246.0, plugin/analyzer_plugin.go, Remediate): so the resource is not read for that.
 */
export function remedyNothing(): void {
  const { AnalyzerService } = ofPolicyServer("@pulumi/pulumi/proto/analyzer_grpc_pb.js") as {
    AnalyzerService: { remediate?: object };
  };
  delete AnalyzerService.remediate;
}
