import { Manifest, Sides, exchangeMarkers, untilVerified, waitUntilOnline } from "../kuma";

/** Waits until a zone that dials its global is a member: it stays online, and both sides are equal. */
export async function untilMember(sides: Sides, manifest: Manifest): Promise<{ version: string }> {
  const { zone, global, zoneName } = sides;
  const { version } = await waitUntilOnline(global, zoneName);
  console.log(`zone ${zoneName}: online; both sides are compared until they are equal`);
  await untilVerified(sides, manifest);
  console.log(`zone ${zoneName}: both sides are equal; a policy that no proxy matches crosses each way`);
  await exchangeMarkers(sides, manifest);
  return { version: version ?? (await zone.info()).version };
}
