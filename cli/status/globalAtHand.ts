import { ControlPlane, ZoneProxy, disabledZones, readZone } from "../../kuma";

/** What is asked of the global once, for all zones that are looked at. */
export interface GlobalAtHand {
  global: ControlPlane;
  read: () => ReturnType<typeof readZone>;
  /** The zones that are disabled on it. */
  disabled: () => ReturnType<typeof disabledZones>;
  /** Zone ingresses that clients of other zones call, where the mesh over its zones was looked at. */
  ingresses: readonly ZoneProxy[];
}

/** A global that is read once, when the first zone is compared with it. */
export function readOnce(global: ControlPlane): GlobalAtHand {
  let resources: ReturnType<typeof readZone> | undefined;
  let zones: ReturnType<typeof disabledZones> | undefined;
  return {
    global,
    read: () => (resources ??= readZone(global)),
    disabled: () => (zones ??= disabledZones(global)),
    ingresses: [],
  };
}
