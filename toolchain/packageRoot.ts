import * as path from "node:path";

const above = path.resolve(__dirname, "..");

/** The directory of this package, where its programs in plain JavaScript lie; compiled code is one directory deeper. */
export const PACKAGE_ROOT = path.basename(above) === "dist" ? path.dirname(above) : above;
