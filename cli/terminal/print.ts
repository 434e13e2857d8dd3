import { printable } from "../../kuma/printable";
import { asTyped } from "../commandLine/asTyped";

/** Everything that a command prints goes through these two: it may hold words of a control plane. */
export function print(text: string): void {
  console.log(printable(asTyped(text)));
}

/** On standard error: what is no result. */
export function tell(text: string): void {
  console.error(printable(asTyped(text)));
}
