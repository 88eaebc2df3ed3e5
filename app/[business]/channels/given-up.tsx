/** Jobs that were given up: why, and what to do about each. Nothing is shown where there is none. */
import { Button } from "@/app/ui/button";
import { Form } from "@/app/ui/form";
import { Section } from "@/app/ui/section";
import { Table } from "@/app/ui/table";
import type { GivenUp } from "@/lib/desk/given-up";
import { can, type Scope } from "@/lib/people/access";
import { jobWords } from "../job-words";
import { forgetJob, retryJob } from "./actions";

export function GivenUpJobs({ scope, jobs }: { scope: Scope; jobs: readonly GivenUp[] }) {
  if (jobs.length === 0) return null;
  const may = can(scope, "write");
  return (
    <div id="given-up">
      <Section title="Given up" note="what was to be done and is not; it is not tried again by itself">
        <Table<GivenUp>
          caption="Jobs that were given up"
          rows={jobs}
          keyOf={(row) => row.id}
          columns={[
            { key: "job", head: "What", rowHead: true, phone: "what", cell: (row) => jobWords(row.job) },
            { key: "why", head: "Why", wraps: true, phone: "full", cell: (row) => row.reason },
            {
              key: "act",
              head: "Action",
              headHidden: true,
              align: "right",
              phone: "second",
              cell: (row) =>
                may ? (
                  <>
                    {row.isRetried ? (
                      <Form action={retryJob} hidden={{ id: row.id }}>
                        <Button kind="link" busy="Asking" says={jobWords(row.job)}>
                          Try again
                        </Button>
                      </Form>
                    ) : null}
                    <Form action={forgetJob} hidden={{ id: row.id }}>
                      <Button kind="link" busy="Forgetting" says={jobWords(row.job)}>
                        Forget it
                      </Button>
                    </Form>
                  </>
                ) : null,
            },
          ]}
        />
      </Section>
    </div>
  );
}
