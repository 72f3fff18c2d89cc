/** A request to read a topic that is not served, with a message for who asked. */
import type { Refusal } from "./browse-view.ts";

export class BrowseRefusal extends Error {
  readonly refusal: Refusal;

  constructor(message: string, refusal: Refusal) {
    super(message);
    this.name = "BrowseRefusal";
    this.refusal = refusal;
  }
}

/** `message`: what was expected of the parameter and what came. */
export const invalid = (parameter: string, message: string): BrowseRefusal =>
  new BrowseRefusal(`${parameter}: ${message}`, { kind: "invalid", parameter });
