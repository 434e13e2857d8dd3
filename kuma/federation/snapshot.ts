import { gunzipSync, gzipSync } from "node:zlib";
import { Resource } from "../resource/resource";

/**
 * What the zone held before it was federated, for the way back. It holds every private key of the zone: it is kept in
 * the state as a Pulumi secret and nowhere else.
 */
export interface Snapshot {
  /** As the zone had them (see `ZoneExport.originals`). */
  originals: Resource[];
  kept: Resource[];
}

/** One line of text, small enough for the state: 2,500 policies take about 60 kB. */
export function packSnapshot(snapshot: Snapshot): string {
  return gzipSync(JSON.stringify(snapshot)).toString("base64");
}

export function unpackSnapshot(packed: string): Snapshot {
  return JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString("utf8")) as Snapshot;
}
