import { can, type Scope } from "@/lib/people/access";
import { Button } from "../ui/button";
import { AskDialog } from "../ui/dialog.client";
import { Form } from "../ui/form";
import { throwAway } from "./settings/actions";

/** Says on every page that this is the demo, and is the one click that throws it away. */
export function DemoBanner({ scope }: { scope: Scope }) {
  return (
    <aside aria-label="Demo" className="note s mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
      <p>This is the demo: the shop and its year of trade are made up. Try anything.</p>
      {can(scope, "remove") ? <ThrowDemoAway scope={scope} /> : null}
    </aside>
  );
}

/** The question before the demo goes. Nothing of anybody's own is in it, so no name is typed. */
export function ThrowDemoAway({ scope }: { scope: Scope }) {
  return (
    <AskDialog
      opens="Throw the demo away"
      kind="link"
      title="Throw the demo away?"
      note="Its books, files and channels go, with all that you tried in them. A new demo can be opened at any time."
      keep="Keep it"
    >
      <Form action={throwAway} hidden={{ name: scope.name }}>
        <Button kind="filled" busy="Throwing away">
          Throw it away
        </Button>
      </Form>
    </AskDialog>
  );
}
