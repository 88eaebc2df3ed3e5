import type { Scope } from "@/lib/people/access";
import { Button } from "../../../ui/button";
import { Alert, Note } from "../../../ui/section";

/** Choosing a file: a plain form, so that it works without script and a large file is counted while it comes in. */
export function UploadForm({
  scope,
  from,
  refused,
  hint,
  channel,
}: {
  scope: Scope;
  from: "transactions" | "channels";
  refused: string | null;
  hint: string;
  /** The channel that it is for, where the page was come to from one. */
  channel?: string | undefined;
}) {
  return (
    <div className="max-w-[640px]">
      {refused === null ? null : (
        <div className="mb-4">
          <Alert>{refused}</Alert>
        </div>
      )}
      <form action={`/${scope.slug}/transactions/import/upload`} method="post" encType="multipart/form-data">
        <input type="hidden" name="from" value={from} />
        {channel === undefined ? null : <input type="hidden" name="channel" value={channel} />}
        <label className="lbl" htmlFor="import-file">
          The file
        </label>
        <input
          className="in"
          id="import-file"
          type="file"
          name="file"
          required
          accept=".csv,.tsv,.txt,.ofx,.qfx,.qif,.xml,.sta,.940,.mt940"
        />
        <p className="q s mt-2">{hint}</p>
        <div className="actions mt-4">
          <Button kind="primary">Preview the file</Button>
        </div>
      </form>
      <div className="mt-4">
        <Note small>Nothing is written to the books before you have seen what is in it. At most 20 MB.</Note>
      </div>
    </div>
  );
}
