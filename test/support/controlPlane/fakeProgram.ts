import * as fs from "node:fs";
import * as path from "node:path";

/** Answers as a control plane that is up; writes its arguments, environment and directory down. */
const PROGRAM = `
const fs = require("node:fs");
const http = require("node:http");
const { KUMA_API_SERVER_HTTP_PORT: port, KUMA_FAKE_MODE: mode } = process.env;
console.log("begins");
if (mode === "exit") process.exit(3);
if (mode === "stubborn") process.on("SIGTERM", () => {});
const seen = { args: process.argv.slice(2), cwd: process.cwd(), env: process.env };
fs.writeFileSync("seen.json", JSON.stringify(seen));
// as net/http does: once to look at it, and once to serve with it
const keyFile = process.env.KUMA_DP_SERVER_TLS_KEY_FILE;
if (keyFile) {
  const readKey = () => fs.promises.readFile(keyFile, "utf8");
  readKey().then(async (first) => fs.writeFileSync("keys.json", JSON.stringify([first, await readKey()])));
}
http
  .createServer((request, response) => response.end(JSON.stringify({ product: "Kuma", version: "2.14.3" })))
  .listen(Number(port), "127.0.0.1");
`;

/** Writes a tiny stand-in for `kuma-cp` and gives the command that starts it. */
export function writeFakeProgram(directory: string): string[] {
  const file = path.join(directory, "fake-kuma-cp.js");
  fs.writeFileSync(file, PROGRAM);
  return [process.execPath, file];
}

export interface SeenByProgram {
  args: string[];
  cwd: string;
  env: Record<string, string>;
}
