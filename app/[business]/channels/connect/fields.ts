/** What the field of a question is called in the form: what is secret is told apart, so that it is never sent back with an error. */
import { secretField } from "@/app/ui/form-state";

export function fieldOf(ask: Readonly<{ name: string; isSecret: boolean }>): string {
  return `${ask.isSecret ? secretField : "answer."}${ask.name}`;
}
