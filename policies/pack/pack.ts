import { PolicyPack } from "@pulumi/policy";
import { isForEngine, policyOf } from "./policy";
import { readOnce, remedyNothing } from "./policyServer";
import { RULES } from "./rules";

readOnce();
remedyNothing();
/** Serves the rules to the engine that has started this process. */
new PolicyPack("kuma-federation", {
  policies: RULES.filter(isForEngine).map(policyOf),
  enforcementLevel: "advisory",
});
