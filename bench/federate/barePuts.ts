import * as http from "node:http";
import { ControlPlane, Resource, exportZone, typeOf } from "../../kuma";
import { inParallel } from "../../kuma/parallel";

/**
 * The same resources as `carry.ts` writes, by nothing but their PUTs and with the same number in flight: what the control plane
 * itself takes. What is to be written is read before, and not timed. Arguments: address of the zone and of the global.
 */
async function main(): Promise<void> {
  const [zoneUrl, globalUrl] = process.argv.slice(2);
  const zone = new ControlPlane({ title: "the zone", url: zoneUrl });
  const { carried, types } = await exportZone(zone);
  const { concurrency } = zone;
  zone.close();
  const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency });
  const put = (resource: Resource) => {
    const { mesh, name } = resource;
    const { path, scope } = typeOf(resource, types, zone);
    const place = scope === "Mesh" ? `/meshes/${mesh}/${path}/${name}` : `/${path}/${name}`;
    return send(`${globalUrl}${place}`, agent, JSON.stringify(resource));
  };
  // a mesh before what is in it, and keys last: with them the global would take no other token
  const meshes = carried.filter(({ type }) => type === "Mesh");
  const keys = carried.filter(({ type }) => type === "GlobalSecret");
  const others = carried.filter((each) => !meshes.includes(each) && !keys.includes(each));

  const begun = performance.now();
  for (const group of [meshes, others]) await inParallel(group, concurrency, put);
  console.log(JSON.stringify({ ms: performance.now() - begun }));
  agent.destroy();
}

function send(url: string, agent: http.Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request(url, { method: "PUT", agent, headers }, (response) => {
      response.resume().once("end", () => {
        if ((response.statusCode ?? 500) < 300) resolve();
        else reject(new Error(`PUT ${url} was answered with ${response.statusCode}`));
      });
    });
    request.once("error", reject).end(body);
  });
}

void main();
