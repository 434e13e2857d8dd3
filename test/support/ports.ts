import * as net from "node:net";
import { portsFrom } from "../../platforms/universal/ports";

/**
 * Ports are given out in blocks of 100, below those that the system gives to outgoing connections. What the program takes
 * for itself begins at multiples of 100 (platforms/universal/ports.ts); the blocks of the tests begin between, so that
 * neither takes what the other is just about to listen on.
 */
const FIRST = 10_030;
const STEP = 100;
const BLOCKS = 220;
/** Test files that run side by side each have blocks of their own: as many shares as there may be workers of mocha. */
const SHARES = 4;
/** Ports of a block beside those of a control plane, from its beginning. */
const MOST_AT_ONCE = 10;

const worker = process.env.MOCHA_WORKER_ID;
const share = BLOCKS / SHARES;
/** The last one of a share is left out: an example takes the block after the one that it is given as well. */
const blocks = Array.from({ length: BLOCKS }, (_, index) => index).filter(
  (index) =>
    worker === undefined ||
    (Math.floor(index / share) === Number(worker) % SHARES && index % share !== share - 1),
);
/** Each block is given once before any comes again: what gets one listens there only later. */
let next = Math.floor(Math.random() * blocks.length);

/** A base from which all ports of a control plane are free, and a server's beside it (`base + 32`). */
export async function freePortBase(): Promise<number> {
  return freeBlock((base) => [base, base + 32, ...Object.values(portsFrom(base))]);
}

/** Ports that are free, all different. */
export async function freePorts(count: number): Promise<number[]> {
  if (count > MOST_AT_ONCE) throw new Error(`a block has ${MOST_AT_ONCE} ports, and ${count} are wanted`);
  const portsOf = (base: number) => Array.from({ length: count }, (_, index) => base + index);
  return portsOf(await freeBlock(portsOf));
}

async function freeBlock(portsOf: (base: number) => number[]): Promise<number> {
  for (;;) {
    const base = FIRST + blocks[next] * STEP;
    next = (next + 1) % blocks.length;
    const free = await Promise.all(portsOf(base).map(isFree));
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
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}
