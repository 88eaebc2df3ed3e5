import { keptDays, type MadeFile, mostAtOnce } from "@/lib/exports/made";
import { type Format, formats } from "@/lib/exports/sheet";
import type { Scope } from "@/lib/people/access";
import { hrefOf } from "../../../../ui/address";
import { Button, ButtonLink } from "../../../../ui/button";
import { Moment } from "../../../../ui/date";
import { countText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { Progress } from "../../../../ui/progress";
import { Alert, Note, Section } from "../../../../ui/section";
import { makeLedgerFile, stopFile } from "../actions";
import type { LedgerState } from "../state";

const formatNames: Readonly<Record<Format, string>> = { csv: "CSV", xlsx: "Excel", pdf: "PDF" };

/** The three formats of what is filtered: links while it is short, and forms that ask a worker where it is long. */
export function TakeAway({
  base,
  item,
  state,
  rows,
  isMaking,
}: {
  base: string;
  item: string;
  state: LedgerState;
  rows: number;
  isMaking: boolean;
}) {
  return formats.map((format) => {
    const rest = { item, format, edit: null, document: null };
    const href = hrefOf(`${base}/inventory/ledger/export`, state.address, { rest, after: null, before: null });
    if (rows <= mostAtOnce)
      return (
        <ButtonLink key={format} href={href} download says={`of ${countText(rows)} rows`}>
          {formatNames[format]}
        </ButtonLink>
      );
    return (
      <Form key={format} action={makeLedgerFile} hidden={{ asked: href.slice(href.indexOf("?") + 1) }}>
        <Button
          busy="Asking"
          says={`of ${countText(rows)} rows, made in the background`}
          disabled={isMaking ? "A file of this item is being made." : undefined}
        >
          {formatNames[format]}
        </Button>
      </Form>
    );
  });
}

export const isMade = ({ run }: MadeFile): boolean => run.state !== "waiting" && run.state !== "running";

/** The files of this item that a worker makes or has made. */
export function Files({ scope, files }: { scope: Scope; files: readonly MadeFile[] }) {
  const base = `/${scope.slug}`;
  const made = files.filter((file) => isMade(file));
  return (
    <>
      {files
        .filter((file) => !isMade(file))
        .map(({ run, isOwn }) => (
          <Progress
            key={run.id}
            title={`${run.label} is made`}
            what="rows"
            since="you can leave this page; it goes on"
            now={{ done: run.done, total: run.total, note: run.note, state: run.state }}
            live={`/api/runs/${run.id}/events?business=${encodeURIComponent(scope.slug)}`}
            actions={
              isOwn || scope.role === "owner" ? (
                <Form action={stopFile} hidden={{ run: run.id }}>
                  <Button kind="link" busy="Stopping">
                    Stop
                  </Button>
                </Form>
              ) : undefined
            }
          />
        ))}
      {made.length === 0 ? null : (
        <Section title="Files" note={`kept for ${keptDays} days`}>
          {made.map(({ run, size, expiresAt }) => (
            <div key={run.id} className="mb-2">
              {run.state === "failed" ? (
                <Alert>
                  {run.label} could not be made. {run.note}
                </Alert>
              ) : size === null || expiresAt === null ? (
                <Note>
                  {run.label}: {run.note ?? "stopped, no file was kept."}
                </Note>
              ) : (
                <p>
                  <ButtonLink kind="link" href={`${base}/exports/${run.id}`} download>
                    {run.label}
                  </ButtonLink>{" "}
                  <span className="q s">
                    {countText(run.done)} rows, {sizeText(size)}, until{" "}
                    <Moment at={expiresAt} timeZone={scope.timeZone} />. {run.note}
                  </span>
                </p>
              )}
            </div>
          ))}
        </Section>
      )}
    </>
  );
}

/** Bytes as people say them: `12 KB`, `3.4 MB`. */
function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${countText(Math.max(1, Math.round(bytes / 1_000)))} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
