import { printable } from "../../kuma";

/** Tells people something: the engine shows it beside the resource at hand. */
export function say(text: string): void {
  console.log(printable(text));
}
