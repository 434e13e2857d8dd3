import { tell } from "../../terminal/print";
import { assertBegun, notUp } from "./begun";
import { withoutSecrets } from "../file/stackFile";
import { Standing, readStanding } from "./standing";
import { openWithEngine } from "../workspace";

/** What there is of a stack, for commands that only look. Fails where nothing of it is there. */
export async function standingNow(root: string, name: string, isAgain = false): Promise<Standing> {
  // first, as to look with the engine would make the stack
  assertBegun(root, name);
  if (!isAgain) tell(`Reading the state of stack ${name}…`);
  const standing = await readStanding(await openWithEngine(root, name, withoutSecrets));
  if (!standing) throw notUp(name);
  return standing;
}
