import { type ControlPlane, isHostedApi } from "../kuma";
import { type ControlPlaneAccess, openControlPlane } from "../platforms/openControlPlane";
import { ofOneRun } from "./provider/oneRun";

interface Opened {
  controlPlane: Promise<ControlPlane>;
  /** How many use it now. */
  users: number;
  /** The next one that wants it gets it. */
  isShared: boolean;
}

/** What the engine has had done in this process. Handlers that it does not call share nothing. */
const run = ofOneRun({
  shared: new Map<string, Opened>(),
  phase: "outside" as "outside" | "looking" | "writing",
  clear() {
    stopSharing();
    this.phase = "outside";
  },
});

/** Before a resource is looked at. */
export function beginLooking(): void {
  if (run.phase === "outside") run.phase = "looking";
}

/** Before a resource is changed: what was found until then serves nobody any more. */
export function beginWriting(): void {
  run.phase = "writing";
  stopSharing();
}

/**
 * Opens a control plane for the time of some work. As long as a run has changed nothing, its resources share one connection to each, and
 * one answer to what each is and has: most runs change nothing, and would ask it for each resource again.
 */
export async function withOpened<T>(
  access: ControlPlaneAccess & { tokens: string[] },
  title: string,
  work: (controlPlane: ControlPlane) => Promise<T>,
): Promise<T> {
  const opened = run.phase === "looking" ? shared(access, title) : openedAnew(access, title);
  opened.users++;
  try {
    return await work(await opened.controlPlane);
  } catch (error) {
    // what was asked beside that which failed goes on for nobody
    opened.isShared = false;
    throw error;
  } finally {
    opened.users--;
    closeUnused(opened);
  }
}

function shared(access: ControlPlaneAccess & { tokens: string[] }, title: string): Opened {
  const { tokens, ...place } = access;
  // Konnect is asked with the tokens that are given for it alone
  const key = JSON.stringify([title, isHostedApi(access.url) ? access : place]);
  const known = run.shared.get(key);
  if (known?.isShared) {
    known.controlPlane.then(
      (each) => tokens.forEach((token) => each.offerToken(token)),
      // told to whoever uses it
      () => {},
    );
    return known;
  }
  const controlPlane = openControlPlane(access, title).then((each) => {
    each.keepAnswers();
    return each;
  });
  const opened = { controlPlane, users: 0, isShared: true };
  run.shared.set(key, opened);
  return opened;
}

function openedAnew(access: ControlPlaneAccess, title: string): Opened {
  return { controlPlane: openControlPlane(access, title), users: 0, isShared: false };
}

function stopSharing(): void {
  const all = [...run.shared.values()];
  run.shared.clear();
  for (const opened of all) {
    opened.isShared = false;
    closeUnused(opened);
  }
}

function closeUnused({ controlPlane, users, isShared }: Opened): void {
  if (users > 0 || isShared) return;
  controlPlane.then(
    (each) => each.close(),
    () => {},
  );
}
