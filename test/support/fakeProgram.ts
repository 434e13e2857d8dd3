import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { portsFrom } from "../../platforms/universal/ports";

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

/** A base from which every port of a control plane is free. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 580) * 20;
    const free = await Promise.all(Object.values(portsFrom(base)).map(isFree));
    if (free.every(Boolean)) return base;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port).catch(() => undefined);
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  return server !== undefined;
}

/** Listens on a port, by default on every interface. */
export function listenOn(port: number, host?: string): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen({ port, host }, () => resolve(server));
  });
}
