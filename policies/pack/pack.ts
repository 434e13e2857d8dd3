import { PolicyPack } from "@pulumi/policy";
import { policyOf } from "./policy";
import { RULES } from "./rules";

/** Serves the rules to the engine that has started this process. */
new PolicyPack("kuma-federation", { policies: RULES.map(policyOf), enforcementLevel: "advisory" });
