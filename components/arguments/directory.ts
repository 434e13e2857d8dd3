import * as pulumi from "@pulumi/pulumi";

/** Where what is kept of a control plane lies, where nothing else is said; relative to the program's directory. */
export function directoryOf(name: string): string {
  return `.kuma-federation/${pulumi.getStack()}/${name}`;
}
