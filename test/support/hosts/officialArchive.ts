import { kumaArchive } from "../../../toolchain/kumaCp/kumaArchive";

/** Prints where the archive of Kuma's official release lies, got and verified, for the machine that runs this. */
void kumaArchive(undefined, process.arch, {
  env: process.env,
  log: console.error,
  terminal: process.stderr,
}).then(({ file }) => console.log(file));
